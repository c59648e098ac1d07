// Key sets that rules name by `jwksUri`: fetched by the control plane, kept, and fetched again now and then.
// A fetch that fails keeps the old keys; a rule whose keys never came refuses its tokens, as in Istio.

import type { JSONWebKeySet } from 'jose';
import type { RuleSet } from '../rules/index.ts';

/** Istio refreshes every 20 minutes; a local identity service restarts more often than that. */
const REFRESH_MS = 60_000;
const RETRY_MS = 1000;

export type FetchKeys = (uri: string) => Promise<JSONWebKeySet>;

export class RemoteKeyStore {
  readonly #keys = new Map<string, JSONWebKeySet>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #fetch: FetchKeys;

  /** @param fetchKeys - how an address of the cluster is reached from here. @default plain HTTP */
  constructor(fetchKeys: FetchKeys = fetchOverHttp) {
    this.#fetch = fetchKeys;
  }

  readonly get = (uri: string): JSONWebKeySet | undefined => this.#keys.get(uri);

  /** Fetches what the rules name and forgets what they do not. */
  follow(rules: RuleSet): void {
    const wanted = new Set(
      rules
        .objects('RequestAuthentication')
        .flatMap((each) => (each.spec.jwtRules ?? []).flatMap((rule) => rule.jwksUri ?? [])),
    );
    for (const [uri, timer] of this.#timers) {
      if (wanted.has(uri)) continue;
      clearTimeout(timer);
      this.#timers.delete(uri);
      this.#keys.delete(uri);
    }
    for (const uri of wanted) if (!this.#timers.has(uri)) this.#schedule(uri, 0);
  }

  /** Fetches at once what has not come yet. */
  refresh(): void {
    for (const [uri, timer] of this.#timers) {
      if (this.#keys.has(uri)) continue;
      clearTimeout(timer);
      this.#schedule(uri, 0);
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(uri: string, wait: number): void {
    const timer = setTimeout(() => void this.#refresh(uri), wait);
    timer.unref();
    this.#timers.set(uri, timer);
  }

  async #refresh(uri: string): Promise<void> {
    let wait = REFRESH_MS;
    try {
      this.#keys.set(uri, await this.#fetch(uri));
    } catch {
      wait = RETRY_MS;
    }
    if (this.#timers.has(uri)) this.#schedule(uri, wait);
  }
}

/** @param addresses - where names of the cluster are on this machine: `user.shop.svc.cluster.local:9090` to `127.0.0.1:41000`. */
export function fetchWithAddresses(addresses: Readonly<Record<string, string>>): FetchKeys {
  return (uri) => {
    const url = new URL(uri);
    const local = addresses[url.host] ?? addresses[url.hostname];
    if (local !== undefined) url.host = local;
    return fetchOverHttp(url.href);
  };
}

async function fetchOverHttp(uri: string): Promise<JSONWebKeySet> {
  const response = await fetch(uri, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null || !('keys' in body)) throw new Error(`${uri} is no key set`);
  return body as JSONWebKeySet;
}
