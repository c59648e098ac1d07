// The identity in a peer's certificate: exactly one SPIFFE URI in the subject alternative name, and nothing else in it.

import type { PeerCertificate, TLSSocket } from 'node:tls';
import { type Peer, peerFromSpiffe } from '../../rules/index.ts';

/** The SPIFFE URI, or undefined when the name holds anything but one URI. */
export function spiffeUri(certificate: Pick<PeerCertificate, 'subjectaltname'>): string | undefined {
  const names = certificate.subjectaltname;
  // A quoted name holds characters that could pass for a separator: no identity has them.
  if (names === undefined || names.includes('"') || names.includes(',')) return undefined;
  return names.startsWith('URI:spiffe://') ? names.slice('URI:'.length) : undefined;
}

export interface VerifiedPeer {
  readonly peer: Peer;
  readonly uri: string;
  /** SHA-256 of the certificate, hex, as `x-forwarded-client-cert` carries it. */
  readonly hash: string;
}

/** Undefined: the other side has no identity of this trust domain. */
export function verifiedPeer(socket: TLSSocket, trustDomain: string): VerifiedPeer | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  const uri = spiffeUri(certificate);
  const peer = uri === undefined ? undefined : peerFromSpiffe(uri);
  if (uri === undefined || peer === undefined || !uri.startsWith(`spiffe://${trustDomain}/`)) return undefined;
  return { peer, uri, hash: certificate.fingerprint256.replaceAll(':', '').toLowerCase() };
}
