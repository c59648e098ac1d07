// Opens the socket of an address: TCP, unix, TLS with ALPN h2. Resolves when octets can be written.
// TCP_NODELAY is set, because one write a tick is already as large as it should be.
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { ClientTls } from './options.ts';

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

export function openSocket(address: Address, secure: ClientTls | undefined, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const place = 'path' in address ? { path: address.path } : { host: address.host, port: address.port };
    const socket =
      secure === undefined
        ? net.connect({ ...place, noDelay: true })
        : tls.connect({ minVersion: 'TLSv1.2', ...secure, ...place, ALPNProtocols: ['h2'] });
    const settle = (error: Error | undefined): void => {
      signal.removeEventListener('abort', abort);
      socket.off('error', settle);
      if (error !== undefined) {
        socket.destroy();
        reject(error);
      } else {
        resolve(socket);
      }
    };
    const abort = (): void => {
      socket.destroy();
      settle(new Error('the attempt was given up'));
    };
    signal.addEventListener('abort', abort);
    socket.once('error', settle);
    socket.once(secure === undefined ? 'connect' : 'secureConnect', () => {
      if (socket instanceof tls.TLSSocket) {
        socket.setNoDelay(true);
        if (socket.alpnProtocol !== 'h2') {
          settle(new Error('the server does not offer HTTP/2 by ALPN'));
          return;
        }
      }
      settle(undefined);
    });
  });
}
