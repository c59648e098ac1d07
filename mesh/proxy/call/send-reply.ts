// Answers that the mesh gives by itself: trailers only for gRPC, an HTTP status and a line of text for the rest.

import { type Http2Stream, percentEncode } from '#transport';
import type { LocalReply } from '../../rules/index.ts';

export function sendReply(stream: Http2Stream, isGrpc: boolean, reply: LocalReply): void {
  stream.inputUnwanted = true;
  const overloaded = reply.flag === 'UO' ? ['x-envoy-overloaded', 'true'] : [];
  if (isGrpc) {
    const status = ['grpc-status', String(reply.grpcStatus), 'grpc-message', percentEncode(reply.message)];
    stream.sendHeaders([':status', '200', 'content-type', 'application/grpc', ...status, ...overloaded], true);
    return;
  }
  const location = reply.location === undefined ? [] : ['location', reply.location];
  const body = Buffer.from(reply.message);
  const fields = ['content-type', 'text/plain', 'content-length', String(body.length), ...location, ...overloaded];
  stream.sendHeaders([':status', String(reply.httpStatus), ...fields], false);
  stream.sendData(body, true);
}
