// Answers a bidirectional stream whose responses do not follow from its requests alone: others may send to it at any time.
// What waits for the caller is bounded; one that reads too slowly is cut off with RESOURCE_EXHAUSTED and reason SLOW_READER.
import type { Context } from '../context.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { EventQueue } from './event-queue.ts';

/** Where a conversation sends to, from wherever its responses come. */
export interface Outlet<Response> {
  /** Sends a response, after those that wait. */
  send(response: Response): void;
  /** Ends the call with an error, after the responses that wait. */
  fail(error: unknown): void;
}

/** One side of a conversation. */
export interface Conversation<Request> {
  /** Does what the caller asks, one request after the other; an error ends the call. */
  act(request: Request): Promise<void>;
  /** Answers a request that was refused, and the conversation goes on. @default - a refusal ends the call */
  refused?(request: Request, error: RpcError): void;
  /** Called once, however the call ends. */
  end(): Promise<void>;
}

/** Holds a conversation until the caller has nothing more to ask, goes away, or is cut off for `backlog` waiting responses. */
export async function* converse<Request, Response>(
  requests: AsyncIterable<Request>,
  context: Pick<Context, 'abort' | 'signal'>,
  backlog: number,
  open: (outlet: Outlet<Response>) => Conversation<Request>,
): AsyncGenerator<Response, void, void> {
  const queue = new EventQueue<Response>(backlog, () => {
    const message = `${backlog} messages wait to be read; connect again and read faster`;
    context.abort(new RpcError('RESOURCE_EXHAUSTED', message, { reason: 'SLOW_READER' }));
  });
  const conversation = open({ send: (response) => queue.push(response), fail: (error) => queue.end(error) });
  async function listen(): Promise<void> {
    try {
      for await (const request of requests) {
        await conversation.act(request).catch((error: unknown) => {
          if (!RpcError.is(error) || context.signal.aborted || !conversation.refused) throw error;
          conversation.refused(request, error);
        });
      }
      queue.end();
    } catch (error) {
      queue.end(error);
    }
  }
  void listen();
  try {
    yield* queue;
  } finally {
    queue.end();
    await conversation.end();
  }
}
