// Opens a connection from one sidecar to another: mTLS with the caller's certificate, and the other side must be who it is
// supposed to be (Istio's secure naming). Plaintext only where a rule or the other side's place outside the mesh says so.

import { connect as connectPlain } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { spiffeUri } from '../identity/peer-certificate.ts';
import type { WorkloadIdentity } from '../identity/workload-identity.ts';
import type { InstanceAddress } from './directory.ts';

export interface SidecarTarget {
  readonly address: InstanceAddress;
  readonly identity: WorkloadIdentity;
  /** Whom to expect: SPIFFE ids. Empty for plaintext, or for `external`. */
  readonly expected: readonly string[];
  /** TLS to a host outside the mesh, verified with the system's authorities (tls mode SIMPLE). */
  readonly external?: { readonly host: string };
}

export function openSidecarSocket(target: SidecarTarget, signal: AbortSignal): Promise<Duplex> {
  const place = 'path' in target.address ? { path: target.address.path } : { ...target.address };
  const { external } = target;
  const secure = target.expected.length > 0 || external !== undefined;
  const socket =
    external !== undefined
      ? connectTls({ ...place, servername: external.host, ALPNProtocols: ['h2'] })
      : secure
        ? connectTls({
            ...place,
            secureContext: target.identity.context,
            ALPNProtocols: ['h2'],
            rejectUnauthorized: true,
            checkServerIdentity: (_host, certificate) => {
              const uri = spiffeUri(certificate);
              if (uri !== undefined && target.expected.includes(uri)) return undefined;
              return new Error(`the other sidecar is ${uri ?? 'nobody'}, expected ${target.expected.join(' or ')}`);
            },
          })
        : connectPlain({ ...place, noDelay: true });
  return new Promise((resolve, reject) => {
    const abort = (): void => fail(new Error('the attempt was given up'));
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', abort);
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('the connection was closed')));
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      socket.removeAllListeners('close');
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
