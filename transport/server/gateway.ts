// From a request to a call: the checks that PROTOCOL-HTTP2.md asks of a server, in the order of one pass.
// What is no gRPC gets an HTTP status; what is gRPC and cannot be served gets a gRPC status, trailers only.
import { ACCEPT_ENCODING, isEncoding } from '../grpc/compression.ts';
import { percentEncode } from '../grpc/percent.ts';
import { Status } from '../grpc/status.ts';
import { parseTimeout } from '../grpc/timeout.ts';
import type { HeaderList } from '../hpack/decoder.ts';
import type { Http2Stream } from '../http2/stream.ts';
import type { MethodHandler } from './method-handler.ts';
import type { ServerOptions } from './options.ts';
import { type CallLimits, ServerCall } from './server-call.ts';

const CONTENT_TYPE = 'application/grpc';

export class Gateway {
  readonly methods = new Map<string, MethodHandler>();
  find: ((path: string) => MethodHandler | undefined) | undefined;
  readonly #limits: CallLimits;
  readonly #maxCallTime: number;
  readonly #types: ReadonlySet<string>;

  constructor(options: ServerOptions) {
    this.#limits = {
      maxReceiveMessage: options.maxReceiveMessage ?? 4_194_304,
      maxSendMessage: options.maxSendMessage ?? 4_194_304,
    };
    this.#maxCallTime = options.maxCallTime ? options.maxCallTime : Number.POSITIVE_INFINITY;
    const codecs = options.codecs ?? ['proto'];
    this.#types = new Set([CONTENT_TYPE, ...codecs.map((codec) => `${CONTENT_TYPE}+${codec}`)]);
  }

  begin(stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    if (stream.listTooLarge) {
      refuse(stream, Status.RESOURCE_EXHAUSTED, 'the metadata exceeds the limit of this server');
      return;
    }
    let path = '';
    let method = '';
    let contentType = '';
    let encoding = '';
    let timeout = '';
    for (let i = 0; i < headers.length; i += 2) {
      const value = headers[i + 1] as string;
      switch (headers[i]) {
        case ':path':
          path = value;
          break;
        case ':method':
          method = value;
          break;
        case 'content-type':
          contentType = value;
          break;
        case 'grpc-encoding':
          encoding = value;
          break;
        case 'grpc-timeout':
          timeout = value;
          break;
        default:
      }
    }
    if (method !== 'POST') {
      answer(stream, [':status', '405', 'allow', 'POST', 'content-length', '0']);
    } else if (!this.#types.has(contentType) && !this.#types.has(contentType.split(';')[0] ?? '')) {
      answer(stream, [':status', '415', 'content-length', '0']);
    } else if (encoding !== '' && !isEncoding(encoding)) {
      const text = `the message encoding "${encoding}" is not supported: use one of ${ACCEPT_ENCODING}`;
      refuse(stream, Status.UNIMPLEMENTED, text, ['grpc-accept-encoding', ACCEPT_ENCODING]);
    } else {
      const handler = this.methods.get(path) ?? this.find?.(path);
      const time = timeout === '' ? Number.POSITIVE_INFINITY : parseTimeout(timeout);
      if (handler === undefined) refuse(stream, Status.UNIMPLEMENTED, `this server does not know the method ${path}`);
      else if (time === undefined) refuse(stream, Status.INTERNAL, `"${timeout}" is no grpc-timeout`);
      else this.#start(stream, path, headers, handler, time, encoding, endStream);
    }
  }

  #start(
    stream: Http2Stream,
    path: string,
    headers: HeaderList,
    handler: MethodHandler,
    time: number,
    encoding: string,
    endStream: boolean,
  ): void {
    const call = new ServerCall(stream, path, headers, handler, this.#limits);
    stream.handler = call;
    if (encoding === 'gzip' || encoding === 'deflate') call.incoming = encoding;
    call.start(Math.min(time, this.#maxCallTime));
    stream.awaiting = !handler.requestStream;
    handler.onCall?.(call);
    if (endStream) call.onTrailers();
  }
}

/** Answers without a call: trailers only. */
function refuse(stream: Http2Stream, code: number, message: string, more: readonly string[] = []): void {
  const status = ['grpc-status', String(code), 'grpc-message', percentEncode(message)];
  answer(stream, [':status', '200', 'content-type', CONTENT_TYPE, ...status, ...more]);
}

function answer(stream: Http2Stream, headers: readonly string[]): void {
  stream.inputUnwanted = true;
  stream.sendHeaders(headers, true);
}
