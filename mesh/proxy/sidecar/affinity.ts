// What a consistent hash looks at in a call, and the cookie that keeps a client of the web at its instance.
// Source: istio cluster_traffic_policy.go and route.go (consistentHashToHashPolicy); Envoy hash_policy.cc: a cookie with a
// lifetime is made where the client brings none.

import { randomBytes } from 'node:crypto';
import { type BalancerPolicy, type CallView, cookieValue, queryParameter } from '../../rules/index.ts';

type Hash = NonNullable<BalancerPolicy['hash']>;

export interface Affinity {
  /** Absent when the call lacks what is hashed. */
  readonly key?: string | undefined;
  /** Value of a Set-Cookie field for the answer. */
  readonly setCookie?: string;
}

/** @param source - whom the call comes from, for rules that hash its address. */
export function affinityOf(hash: Hash, call: CallView, source: string): Affinity {
  if (hash.header !== undefined) return { key: call.headers.get(hash.header) };
  if (hash.query !== undefined) return { key: queryParameter(call, hash.query) };
  if (hash.cookie === undefined) return { key: hash.source === true ? source : undefined };
  const { name, path, ttlMs } = hash.cookie;
  const sent = cookieValue(call, name);
  if (sent !== undefined || ttlMs === undefined) return { key: sent };
  const key = randomBytes(8).toString('hex');
  const age = ttlMs === 0 ? '' : `; Max-Age=${Math.floor(ttlMs / 1000)}`;
  return { key, setCookie: `${name}="${key}"${age}${path === undefined ? '' : `; Path=${path}`}; HttpOnly` };
}
