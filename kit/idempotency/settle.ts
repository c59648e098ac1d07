// Finds out what became of a call whose answer was lost, in such a way that it cannot take effect later either.
// It works with calls that do their work once under a `request_id` (AIP-155) and refuse another request under a known one.
import { RpcError } from '../errors/rpc-error.ts';

/**
 * Makes `closing` under the request id of the call that was made: it is either the first there and closes the id, or is
 * refused because the call was there before. In the second case the call is made again, which gives its answer.
 *
 * @param made the request whose answer was lost
 * @param closing another request with the same `requestId`, which does nothing that matters
 * @param call makes the call
 * @returns the answer; undefined when the call never came and never will
 */
export async function settle<Request extends { readonly requestId: string }, Answer>(
  made: Request,
  closing: Request,
  call: (request: Request) => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    await call(closing);
    return undefined;
  } catch (error) {
    if (!RpcError.is(error, 'ALREADY_EXISTS')) throw error;
    return await call(made);
  }
}
