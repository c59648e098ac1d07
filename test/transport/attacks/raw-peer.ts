// A client that writes any frame it likes: preface and SETTINGS, then what the attack needs, and what came back.
// It never throws for a closed connection, because being closed is what most attacks end in.
import type { Duplex } from 'node:stream';
import { HpackEncoder } from '#transport/hpack/encoder.ts';
import { CLIENT_PREFACE, FLAG_ACK, GOAWAY, HEADERS, RST_STREAM, SETTINGS } from '#transport/wire/frame.ts';
import { FrameReader } from '#transport/wire/frame-reader.ts';
import { RawSocket } from './raw-socket.ts';

/** One frame as octets. */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

export function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

/** SETTINGS with pairs of id and value. */
export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(4, 0, 0, payload);
}

const encoder = new HpackEncoder(0);
encoder.begin();

/** A header block without use of the dynamic table. */
export function block(fields: readonly string[]): Buffer {
  encoder.begin();
  encoder.list(fields);
  return Buffer.from(encoder.buffer.subarray(0, encoder.length));
}

/** The header block of a gRPC call. */
export const request = (path: string, more: readonly string[] = [], authority = 'x'): Buffer =>
  block([
    ...[':method', 'POST', ':scheme', 'http', ':path', path, ':authority', authority],
    ...['te', 'trailers', 'content-type', 'application/grpc', ...more],
  ]);

export class RawPeer extends RawSocket<Duplex> {
  /** Error code of the GOAWAY that came, or -1. */
  goaway = -1;
  /** The server's SETTINGS came and were acknowledged. */
  greeted = false;
  readonly resets = new Map<number, number>();
  responses = 0;

  /** @param socket a connection on which nothing was said yet */
  constructor(socket: Duplex, initial: Buffer = settings()) {
    super(socket, 10_000);
    const reader = new FrameReader({
      onFrame: (type, flags, id, bytes, start) => {
        if (type === SETTINGS && (flags & FLAG_ACK) === 0) {
          this.greeted = true;
          if (initial.length > 0) this.socket.write(frame(SETTINGS, FLAG_ACK, 0));
        } else if (type === GOAWAY) this.goaway = bytes.readUInt32BE(start + 4);
        else if (type === RST_STREAM) this.resets.set(id, bytes.readUInt32BE(start));
        else if (type === HEADERS) this.responses++;
        this.changed();
      },
    });
    this.socket.on('data', (chunk: Buffer) => reader.push(chunk));
    // A tunnel is handed over paused, so that nothing is lost.
    this.socket.resume();
    this.socket.write(Buffer.concat([CLIENT_PREFACE, initial]));
  }

  /** Writes, and waits for the socket to take it; false once the connection is gone. */
  async send(octets: Buffer): Promise<boolean> {
    if (this.closed || this.socket.destroyed) return false;
    if (this.socket.write(octets)) await new Promise((resolve) => setImmediate(resolve));
    else await this.room();
    return !this.closed;
  }

  /** Repeats `octets` up to `times`, in batches; returns how often it was sent before the connection ended. */
  async flood(octets: (index: number) => Buffer, times: number, batch = 100): Promise<number> {
    let sent = 0;
    while (sent < times) {
      const parts: Buffer[] = [];
      for (let i = 0; i < batch && sent < times; i++) parts.push(octets(sent++));
      if (!(await this.send(Buffer.concat(parts)))) break;
    }
    return sent;
  }
}
