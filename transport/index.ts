// HTTP/2 and gRPC for Node in TypeScript: message level for the kit, raw streams for the mesh. See README.md.
// Nothing here imports grpc-js; its vocabulary is in `grpc-js/facade.ts`, imported as `#transport/grpc-js/facade.ts`.
import { Client } from './client/client.ts';
import type { ClientOptions } from './client/options.ts';
import type { ServerOptions } from './server/options.ts';
import { Server } from './server/server.ts';

/** A server that listens nowhere yet: `handle` methods, then `listen` or `serve`. */
export function createServer(options: ServerOptions = {}): Server {
  return new Server(options);
}

/** A client of one target. It connects with its first call, or with `ready()`. */
export function connect(options: ClientOptions): Client {
  return new Client(options);
}

// For services and the kit: calls.
export { CallError, type Client } from './client/client.ts';
export type { CallHandler, ClientCall, Waiter } from './client/client-call.ts';
export type { CallOptions, ClientOptions, ClientTls, Opener } from './client/options.ts';
export { decodeBinary, encodeBinary } from './grpc/binary-metadata.ts';
export { percentDecode, percentEncode } from './grpc/percent.ts';
export { Status, statusFromHttp, statusFromReset, statusName } from './grpc/status.ts';
export { formatTimeout, parseTimeout } from './grpc/timeout.ts';
// For proxies: connections, streams, header lists.
export type { HeaderList } from './hpack/decoder.ts';
export { HeaderTemplate } from './hpack/header-template.ts';
export { deadlineWheel, type Timed } from './http2/clock/deadline-wheel.ts';
export { type ConnectionListener, Http2Connection } from './http2/connection.ts';
export { Counters } from './http2/guard/counters.ts';
export { type ConnectionLimits, DEFAULT_LIMITS, withLimits } from './http2/guard/limits.ts';
export { assertSendable, headerValue } from './http2/receive/header-rules.ts';
export type { Http2Stream, ResetSource, StreamHandler } from './http2/stream.ts';
export { Forward, type ForwardHooks } from './raw/forward.ts';
export type { MethodHandler } from './server/method-handler.ts';
export type { ListenTarget, ServerOptions, ServerTls } from './server/options.ts';
export type { RawHandler, Server } from './server/server.ts';
export type { ServerCall } from './server/server-call.ts';
export { ErrorCode, errorCodeName } from './wire/frame.ts';
