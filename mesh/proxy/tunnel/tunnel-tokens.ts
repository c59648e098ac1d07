// Who may open a tunnel as whom: one random token a workload, kept as a digest and compared in constant time.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compared against when the name is unknown, so that a wrong name takes as long as a wrong token. */
const NOBODY = digest(randomBytes(32).toString('hex'));

export class TunnelTokens<T> {
  readonly #known = new Map<string, { readonly digest: Buffer; readonly owner: T }>();

  /** @returns the token; it is not kept in clear. */
  issue(name: string, owner: T): string {
    const token = randomBytes(24).toString('base64url');
    this.#known.set(name, { digest: digest(token), owner });
    return token;
  }

  revoke(name: string): void {
    this.#known.delete(name);
  }

  /** The owner, when `Proxy-Authorization: Basic name:token` is right. */
  check(header: string | undefined): T | undefined {
    const match = /^basic ([a-z0-9+/]+=*)$/i.exec(header ?? '');
    const [name = '', ...rest] = Buffer.from(match?.[1] ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const entry = this.#known.get(name);
    const same = timingSafeEqual(digest(rest.join(':')), entry?.digest ?? NOBODY);
    return same ? entry?.owner : undefined;
  }
}
