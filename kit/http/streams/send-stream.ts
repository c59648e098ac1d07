// Sends a stream of messages as an HTTP response. The next message is asked for when the last one was taken by the
// socket, so a slow reader holds the service back and no memory grows; a reader that leaves ends the call.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RpcError } from '../../errors/rpc-error.ts';
import { errorResponse } from '../server/error-body.ts';
import { type StreamFormat, streamFormat } from './stream-format.ts';

/** A stream that fails at once gets an HTTP status; one that is silent for so long has begun (milliseconds). */
const patience = 2_000;
const keepAliveEvery = 15_000;

/** How the messages of a stream are told. */
export interface Telling {
  readonly toJson: (message: object) => unknown;
  /** @default - messages have no ids */
  readonly id?: ((message: object) => string | undefined) | undefined;
  /** The client goes on with a stream that it read before. @default false */
  readonly resumed?: boolean;
}

/** Sends `messages`, each as `toJson` makes it. */
export async function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  messages: AsyncIterable<object>,
  { toJson, id, resumed = false }: Telling,
): Promise<void> {
  const format = streamFormat(request.headers.accept);
  const iterator = messages[Symbol.asyncIterator]();
  const first = iterator.next();
  // An error before the first message is answered like that of any other method.
  const begun = await Promise.race([first, delay(patience)]);
  if (resumed && begun?.done === true) {
    // There is nothing more: with any other answer a browser would connect again and again.
    await reply.status(204).send();
    return;
  }
  const response = open(reply, format);
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(format.keepAlive);
  }, keepAliveEvery);
  try {
    for (let next = await first; next.done !== true; next = await iterator.next()) {
      if (!response.write(format.message(toJson(next.value), id?.(next.value)))) await drained(response);
      if (response.destroyed) break;
    }
    response.end();
  } catch (error) {
    request.edge.error = error;
    const { body } = errorResponse(error, request.edge.record.requestId);
    response.end(format.error(body));
  } finally {
    clearInterval(keepAlive);
    await iterator.return?.();
  }
}

/** Sends the head; from here on the response is this file's own. */
function open(reply: FastifyReply, { contentType }: StreamFormat): ServerResponse {
  reply.hijack();
  const headers = Object.entries(reply.getHeaders()).filter(([name]) => name !== 'content-length');
  const response = reply.raw;
  for (const [name, value] of headers) if (value !== undefined) response.setHeader(name, value);
  // Buffering proxies are told not to.
  response.writeHead(200, { 'content-type': contentType, 'x-accel-buffering': 'no' });
  response.flushHeaders();
  return response;
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const gone = new AbortController();
  const close = (): void => gone.abort(new RpcError('CANCELLED', 'the client went away'));
  response.once('close', close);
  try {
    await once(response, 'drain', { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    response.off('close', close);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
