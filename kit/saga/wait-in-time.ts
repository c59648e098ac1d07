// Waits for a saga as long as the call that started it can still be answered; the saga goes on regardless.
// A part of the deadline is kept for the answer, so that the caller hears how far it has come and not DEADLINE_EXCEEDED.
import type { Context } from '../context.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { Saga, SagaOutcome } from './saga.ts';
import { waitForSaga } from './saga-signals.ts';

const keptShare = 0.2;
const mostKeptMs = 500;

/**
 * How the saga ended; undefined when it is still under way and the call has to answer now.
 *
 * @throws the signal's reason when the call itself has ended; RpcError NOT_FOUND for an unknown id
 */
export async function waitInTime<M extends ServiceManifest, S extends object>(
  _saga: Saga<M, S>,
  context: Context<M>,
  id: string,
): Promise<SagaOutcome<S> | undefined> {
  const left = context.remaining();
  const enough = AbortSignal.timeout(Math.max(0, Math.floor(left - Math.min(left * keptShare, mostKeptMs))));
  const signal = AbortSignal.any([context.signal, enough]);
  try {
    return await waitForSaga<S>({ signal, clock: context.clock, db: context.db }, id);
  } catch (error) {
    if (enough.aborted && !context.signal.aborted) return undefined;
    throw error;
  }
}
