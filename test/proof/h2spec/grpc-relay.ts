// Between h2spec, which knows no gRPC, and a gRPC server: its requests become gRPC's, by POST for GET and two more fields at
// the end of their header blocks, and their bodies empty messages, by zeros of the same length. Every other octet, and every
// way in which a frame is broken, passes as it is.
import net, { type AddressInfo } from 'node:net';
import { block } from '../../transport/attacks/raw-peer.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const data = 0;
const headers = 1;
const continuation = 9;
const endHeaders = 4;
const padded = 8;
const priority = 32;
/** HPACK's static table (RFC 7541, appendix A): `:method: GET` and `:method: POST`, as indexed fields. */
const get = 0x82;
const post = 0x83;
const largestFrame = 16_384;
// A table of the sender's own is not touched: the fields are literals without indexing.
const fields = block(['content-type', 'application/grpc', 'te', 'trailers']);

class Rewriter {
  #rest: Buffer = Buffer.alloc(0);
  #raw = false;
  #begun = false;
  /** A request's block goes on in CONTINUATION frames. */
  #open = false;

  push(chunk: Buffer): Buffer {
    if (this.#raw) return chunk;
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const out: Buffer[] = [];
    if (!this.#begun) {
      if (this.#rest.length < preface.length) return Buffer.alloc(0);
      if (!this.#rest.subarray(0, preface.length).equals(preface)) {
        this.#raw = true;
        return this.#rest;
      }
      this.#begun = true;
      out.push(preface);
      this.#rest = this.#rest.subarray(preface.length);
    }
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) break;
      out.push(this.#frame(this.#rest.subarray(0, end)));
      this.#rest = this.#rest.subarray(end);
    }
    return Buffer.concat(out);
  }

  /** What has not become a whole frame. */
  end(): Buffer {
    return this.#rest;
  }

  #frame(frame: Buffer): Buffer {
    const [type, flags = 0] = [frame[3], frame[4]];
    let changed = frame;
    if (type === data) return Buffer.from(frame).fill(0, 9 + (flags & padded ? 1 : 0));
    if (type === headers) {
      const start = 9 + (flags & padded ? 1 : 0) + (flags & priority ? 5 : 0);
      this.#open = frame[start] === get || frame[start] === post;
      if (this.#open) {
        changed = Buffer.from(frame);
        changed[start] = post;
      }
    }
    if ((type !== headers && type !== continuation) || !this.#open || !(flags & endHeaders)) return changed;
    this.#open = false;
    const padding = type === headers && flags & padded ? (frame[9] ?? 0) : 0;
    const length = frame.length - 9 + fields.length;
    // A frame of the largest size would no longer be one; a wrong padding stays wrong.
    if (length > largestFrame || padding > frame.length - 10) return changed;
    const at = changed.length - padding;
    const longer = Buffer.concat([changed.subarray(0, at), fields, changed.subarray(at)]);
    longer.writeUIntBE(length, 0, 3);
    return longer;
  }
}

/** Starts a relay to a port of this machine; returns its own port, and how to end it. */
export async function startGrpcRelay(port: number): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<net.Socket>();
  const relay = net.createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const rewriter = new Rewriter();
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
    }
    near.on('data', (chunk: Buffer) => far.write(rewriter.push(chunk)));
    near.on('end', () => far.end(rewriter.end()));
    far.on('data', (chunk: Buffer) => near.write(chunk));
    far.on('end', () => near.end());
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return {
    port: (relay.address() as AddressInfo).port,
    close() {
      relay.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
