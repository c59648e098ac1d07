// Answers that the mesh gives by itself: trailers only for gRPC, an HTTP status and a line of text for the rest.

import { type Http2Stream, percentEncode } from '#transport';
import type { LocalReply } from '../../rules/index.ts';
import type { RequestHead } from './request-head.ts';

/** [name, value] each. */
export type ReplyFields = NonNullable<LocalReply['fields']>;
export const NO_FIELDS: ReplyFields = [];

/** @param more - fields that every answer of this place has. */
export function sendReply(
  stream: Http2Stream,
  { isGrpc, method }: Pick<RequestHead, 'isGrpc' | 'method'>,
  reply: LocalReply,
  more: ReplyFields = NO_FIELDS,
): void {
  stream.inputUnwanted = true;
  const fields = [...(reply.fields ?? NO_FIELDS), ...more].flat();
  if (reply.flag === 'UO') fields.push('x-envoy-overloaded', 'true');
  if (isGrpc) {
    const status = ['grpc-status', String(reply.grpcStatus), 'grpc-message', percentEncode(reply.message)];
    stream.sendHeaders([':status', '200', 'content-type', 'application/grpc', ...status, ...fields], true);
    return;
  }
  if (reply.location !== undefined) fields.push('location', reply.location);
  const body = Buffer.from(reply.message);
  if (body.length > 0) fields.push('content-type', 'text/plain');
  fields.push('content-length', String(body.length));
  const bodyless = body.length === 0 || method === 'HEAD';
  stream.sendHeaders([':status', String(reply.httpStatus), ...fields], bodyless);
  if (!bodyless) stream.sendData(body, true);
}
