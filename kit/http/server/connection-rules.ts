// What one connection of HTTP/1.1 may do beyond single requests: how many may wait on it, and for how many hosts one may be.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from './error-body.ts';

/**
 * Requests of a connection that may wait for their answers. Clients do not pipeline (RFC 9112, 9.3.2, lets them); one that
 * does it without end, and reads no answer, would make the process hold all of them.
 */
const mostWaiting = 100;

const waiting = new WeakMap<object, number>();

/** Counts a request in until its answer has left, and ends a connection on which too many wait. Nobody reads what it throws. */
export function boundPipelining({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
  const now = (waiting.get(socket) ?? 0) + 1;
  waiting.set(socket, now);
  reply.raw.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
  if (now <= mostWaiting) return;
  socket.destroy();
  throw new HttpError(429, 'RESOURCE_EXHAUSTED', 'too many requests wait on this connection', { reason: 'PIPELINED' });
}

/**
 * Refuses a request that names two hosts: who stands in front may have looked at the other one.
 *
 * @see RFC 9112, 3.2
 */
export function refuseTwoHosts({ raw: { rawHeaders } }: FastifyRequest, reply: FastifyReply): void {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (rawHeaders[index]?.toLowerCase() === 'host') hosts++;
  if (hosts <= 1) return;
  reply.header('connection', 'close');
  throw new HttpError(400, 'INVALID_ARGUMENT', 'more than one Host', { reason: 'TWO_HOSTS' });
}
