// Message encodings: identity, gzip and deflate, bounded on the way out so that a small bomb stays small.
// Synchronous, because messages must keep their order and the bound (4 MiB by default) keeps the pause short.
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';

/** What we can read, for the grpc-accept-encoding field. */
export const ACCEPT_ENCODING = 'identity,gzip,deflate';

export type Encoding = 'identity' | 'gzip' | 'deflate';

/** Whether a grpc-encoding field names something that we can read. */
export function isEncoding(name: string): name is Encoding {
  return name === 'identity' || name === 'gzip' || name === 'deflate';
}

export function compress(encoding: Encoding, bytes: Uint8Array): Uint8Array {
  if (encoding === 'gzip') return gzipSync(bytes);
  if (encoding === 'deflate') return deflateSync(bytes);
  return bytes;
}

/** Thrown when the plain message would exceed the bound, or the compressed one is damaged. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';
  readonly reason: 'too-large' | 'damaged';

  constructor(reason: 'too-large' | 'damaged', message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The plain message; never allocates more than `maximum` octets for it. */
export function decompress(encoding: Encoding, bytes: Uint8Array, maximum: number): Buffer {
  try {
    // Zero would mean "no bound" to zlib; one octet refuses everything but the empty message.
    const maxOutputLength = Math.max(1, maximum);
    return encoding === 'gzip' ? gunzipSync(bytes, { maxOutputLength }) : inflateSync(bytes, { maxOutputLength });
  } catch (cause) {
    if (cause instanceof RangeError || (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DecompressionError('too-large', `a decompressed message exceeds the limit of ${maximum} octets`);
    }
    throw new DecompressionError('damaged', `a message marked as ${encoding} cannot be decompressed`);
  }
}
