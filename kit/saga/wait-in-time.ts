// Waits for a saga as long as the call that started it can still be answered; the saga goes on regardless.
// A part of the deadline is kept for the answer, so that the caller hears how far it has come and not DEADLINE_EXCEEDED.
import type { Context } from '../context.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { Saga, SagaOutcome } from './saga.ts';
import { waitForSaga } from './saga-signals.ts';

const keptShare = 0.2;
const keptMs = 500;

/**
 * How long a call may wait of the milliseconds that it has left. What is kept is for reading the record once more and for bringing
 * it to the caller: a fifth, at most half a second, on a machine that has time. On one that has none, reading takes about as long
 * as the call's first work took, so that as much is kept as that, up to half of what is left.
 */
export function patienceMs(left: number, tookMs: number): number {
  const usual = Math.min(left * keptShare, keptMs);
  return Math.max(0, Math.floor(left - Math.min(Math.max(usual, tookMs), left / 2)));
}

/**
 * How the saga ended; undefined when it is still under way and the call has to answer now.
 *
 * @param since when the call began its work
 * @throws the signal's reason when the call itself has ended; RpcError NOT_FOUND for an unknown id
 */
export async function waitInTime<M extends ServiceManifest, S extends object>(
  _saga: Saga<M, S>,
  context: Context<M>,
  id: string,
  since: Date,
): Promise<SagaOutcome<S> | undefined> {
  const tookMs = context.clock.now().getTime() - since.getTime();
  const enough = AbortSignal.timeout(patienceMs(context.remaining(), tookMs));
  const signal = AbortSignal.any([context.signal, enough]);
  try {
    return await waitForSaga<S>({ signal, clock: context.clock, db: context.db }, id);
  } catch (error) {
    if (enough.aborted && !context.signal.aborted) return undefined;
    throw error;
  }
}
