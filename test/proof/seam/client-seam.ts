// What the kit's clients keep to themselves (metadata, trailers, the very status) is set and read here, where the kit ends and
// its transport begins: the suites ask for it, services never do.
import type { ClientChannel, IncomingStatus } from '#kit/client/client-transport.ts';

/** One call's part. */
export interface ClientSeam {
  /** More metadata, as names and values in turn. */
  readonly metadata: readonly string[];
  /** Without a deadline, although the kit makes no unary call without one. */
  readonly endless: boolean;
  /** Whether messages are compressed. */
  readonly gzip: boolean;
  /** Told of the metadata before the responses. */
  headers(fields: readonly string[]): void;
  /** Told of the end, before the kit is. */
  status(status: IncomingStatus): void;
}

/** A channel for one call. */
export function watched(channel: ClientChannel, seam: ClientSeam): ClientChannel {
  return {
    headers() {
      const headers = channel.headers();
      const { metadata } = seam;
      for (let at = 0; at < metadata.length; at += 2) headers.add(metadata[at] ?? '', metadata[at + 1] ?? '');
      return headers;
    },
    call(path, own, headers, listener) {
      const call = channel.call(path, seam.endless ? Number.POSITIVE_INFINITY : own, headers, {
        headers: (fields) => seam.headers(fields),
        message: (bytes) => listener.message(bytes),
        status: (status) => {
          seam.status(status);
          listener.status(status);
        },
      });
      return {
        pull: () => call.pull(),
        send: (bytes, _compress, flushed) => call.send(bytes, seam.gzip, flushed),
        halfClose: () => call.halfClose(),
        cancel: () => call.cancel(),
      };
    },
    close: () => channel.close(),
  };
}
