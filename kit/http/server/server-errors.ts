// Errors of the HTTP server itself in the edge's own form: what Fastify refuses, and what is not even a request.
// Nothing of them says which library serves.
import type { Socket } from 'node:net';
import { RpcError } from '../../errors/rpc-error.ts';
import { errorResponse, HttpError } from './error-body.ts';
import { whenItsTurnComes } from './exchanges.ts';

/** A failure of the server or of a handler as the edge's own error. */
export function edgeError(thrown: unknown): unknown {
  if (RpcError.is(thrown) || typeof thrown !== 'object' || thrown === null) return thrown;
  const code = 'code' in thrown ? thrown.code : undefined;
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpError(413, 'RESOURCE_EXHAUSTED', 'the body is too long', { reason: 'BODY_TOO_LONG' });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError(415, 'INVALID_ARGUMENT', 'the body must be application/json', { reason: 'NOT_JSON' });
    case 'FST_ERR_BAD_URL':
      return new RpcError('INVALID_ARGUMENT', 'the path is not a valid URL', { reason: 'MALFORMED_URL' });
  }
  if (status === 414) {
    return new HttpError(414, 'INVALID_ARGUMENT', 'a part of the path is too long', { reason: 'URL_TOO_LONG' });
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new HttpError(status, 'INVALID_ARGUMENT', 'the request is malformed', { reason: 'MALFORMED_REQUEST' });
  }
  return thrown;
}

const notRequests: Readonly<
  Record<string, readonly [status: number, phrase: string, reason: string, message: string]>
> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'HEADERS_TOO_LONG', 'the headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'REQUEST_TOO_SLOW', 'the request did not arrive in time'],
};

const refused = new WeakSet<Socket>();

/**
 * Answers what the HTTP parser refused, when its turn on the connection comes, and closes the connection. A request that has
 * its answer, or the beginning of one, gets no second.
 */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  // A client may go on sending after it was refused: what it was told leaves first.
  const told = refused.has(socket) ? socket.writableFinished : !socket.writable;
  if (error.code === 'ECONNRESET' || told) {
    socket.destroy();
    return;
  }
  if (refused.has(socket)) return;
  refused.add(socket);
  whenItsTurnComes(socket, (answered) => {
    if (socket.writable) socket.end(answered ? '' : refusalOf(error));
  });
}

function refusalOf({ code: cause = '' }: Error & { readonly code?: string }): string {
  const [status, phrase, reason, message] = notRequests[cause] ?? [
    400,
    'Bad Request',
    'MALFORMED_REQUEST',
    'the request is not HTTP/1.1',
  ];
  const code = status === 431 ? 'RESOURCE_EXHAUSTED' : status === 408 ? 'DEADLINE_EXCEEDED' : 'INVALID_ARGUMENT';
  const refusal = new HttpError(status, code, message, { reason });
  const body = JSON.stringify(errorResponse(refusal, '').body);
  const headers = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  return `HTTP/1.1 ${status} ${phrase}\r\n${headers}\r\n\r\n${body}`;
}
