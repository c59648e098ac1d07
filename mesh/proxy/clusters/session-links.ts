// Finds out which mTLS sessions between sidecars have both their ends in this process, and links them: streams then go
// from end to end by reference. The ends are matched by their session's channel binding, which nobody else can know
// (RFC 9266, `tls-exporter`), so a link stands exactly where a handshake has verified both certificates.

import { TLSSocket } from 'node:tls';
import type { Http2Connection } from '#transport';

const LABEL = 'EXPORTER-Channel-Binding';
const OCTETS = 32;

function channelBinding(connection: Http2Connection): string | undefined {
  const { socket } = connection;
  if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3') return undefined;
  return socket.exportKeyingMaterial(OCTETS, LABEL, Buffer.alloc(0)).toString('base64');
}

export class SessionLinks {
  /** Called ends whose calling end has not been seen here. */
  readonly #offered = new Map<string, Http2Connection>();

  /** The called end, when the caller's certificate has been verified. */
  offer(connection: Http2Connection): void {
    const binding = channelBinding(connection);
    if (binding === undefined) return;
    this.#offered.set(binding, connection);
    connection.socket.once('close', () => this.#offered.delete(binding));
  }

  /** The calling end, when the called one's certificate has been verified and its SETTINGS are there. */
  join(connection: Http2Connection): void {
    const binding = channelBinding(connection);
    const called = binding === undefined ? undefined : this.#offered.get(binding);
    if (binding === undefined || called === undefined) return;
    this.#offered.delete(binding);
    connection.link(called);
  }
}
