// What authorization is decided about: the call as it reaches the serving side, with what is proven about its caller.

import type { HeaderView } from '../routing/match/call.ts';

/** The caller's identity, from its certificate; absent for plaintext. */
export interface Peer {
  /** `cluster.local/ns/fairlead/sa/checkout`, the SPIFFE id without its scheme. */
  readonly principal: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** A verified token. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly subject?: string;
  /** `issuer/subject`. */
  readonly principal?: string;
  readonly audiences: readonly string[];
  /** The claim `azp`. */
  readonly presenter?: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface AuthorizationRequest {
  readonly peer?: Peer;
  readonly token?: VerifiedToken;
  readonly method: string;
  /** Normalised, without its query. */
  readonly path: string;
  /** The `:authority`. */
  readonly host: string;
  /** The port of the workload. */
  readonly port: number;
  readonly headers: HeaderView;
  readonly sourceIp: string;
  readonly remoteIp: string;
  readonly sni?: string;
}

const SPIFFE = /^spiffe:\/\/([a-z0-9._-]+)\/ns\/([a-z0-9-]+)\/sa\/([a-z0-9.-]+)$/;

/** Reads a SPIFFE id of Istio's form; anything else is no identity. */
export function peerFromSpiffe(uri: string): Peer | undefined {
  const match = SPIFFE.exec(uri);
  if (match === null) return undefined;
  const [, trustDomain = '', namespace = '', serviceAccount = ''] = match;
  return { principal: `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`, namespace, serviceAccount };
}

export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}
