// What a decision is made about: one call, as the sidecar sees its request headers.
// Header names are lower case; a header that stands several times reads as one value with commas, as in Envoy.

export interface HeaderView {
  get(name: string): string | undefined;
}

export interface CallView {
  /** The `:authority` without its port. */
  readonly host: string;
  /** The service port that is called. */
  readonly port: number;
  /** The whole `:authority`. */
  readonly authority: string;
  readonly method: string;
  /** The `:path`, with a query if there is one. */
  readonly path: string;
  readonly scheme: string;
  readonly headers: HeaderView;
  /** Claims of a token that was verified at this gateway (`@request.auth.claims`). */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** A view over plain values, for tools and tests. */
export function headersFrom(values: Readonly<Record<string, string>>): HeaderView {
  const map = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
  return map;
}

export interface Authority {
  readonly host: string;
  readonly port?: number;
}

const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9*._-]+)(?::([0-9]{1,5}))?$/;

/** Splits an authority strictly: anything that is not `host` or `host:port` is refused, so it cannot be smuggled on. */
export function parseAuthority(authority: string): Authority | undefined {
  const match = AUTHORITY.exec(authority);
  if (match === null || match[1] === undefined || match[1].length > 253) return undefined;
  const host = match[1].toLowerCase();
  if (match[2] === undefined) return { host };
  const port = Number(match[2]);
  return port >= 1 && port <= 65535 ? { host, port } : undefined;
}
