// One port for both versions, as Envoy's codec AUTO: an HTTP/2 client with prior knowledge begins with "PRI", which no
// method of HTTP/1.1 begins with (RFC 9113, 3.4).

import type { Socket } from 'node:net';

const PREFACE = Buffer.from('PRI');

export interface BothVersions {
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
  /** A client that has sent nothing by then is not waited for. */
  readonly timeoutMs: number;
}

/** Looks at a connection's first octets, puts them back, and hands it to who speaks that version. */
export function whichHttp(socket: Socket, { http1, http2, timeoutMs }: BothVersions): void {
  let seen: Buffer = Buffer.alloc(0);
  const giveUp = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(giveUp, timeoutMs);
  const done = (): void => {
    clearTimeout(timer);
    socket.off('data', look);
    socket.off('error', giveUp);
    socket.off('end', giveUp);
    socket.off('close', done);
  };
  const look = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, PREFACE.length);
    const alike = seen.compare(PREFACE, 0, compared, 0, compared) === 0;
    if (alike && compared < PREFACE.length) return;
    done();
    socket.pause();
    socket.unshift(seen);
    (alike ? http2 : http1)(socket);
    socket.resume();
  };
  socket.on('data', look);
  socket.on('error', giveUp);
  socket.on('end', giveUp);
  socket.on('close', done);
}
