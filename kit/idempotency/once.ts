// Does a request's work once, however often it arrives (AIP-155): the response is stored in the transaction of the work.
// A repetition waits on the first one's row, so that two at the same time cannot both work.
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { ServiceDatabase } from '../database/open-database.ts';
import { RpcError } from '../errors/rpc-error.ts';

/** What makes two requests the same. */
export interface OnceKey {
  /**
   * Whose request ids these are: the user's id on methods that users call. On internal methods one constant: a saga that
   * is resumed after a restart has no user's token any more, and must not charge twice because of that.
   */
  readonly principal: string;
  /** `/fairlead.payment.v1.PaymentService/Charge` */
  readonly method: string;
  /** The request's `request_id`; empty: the work is done anew each time. */
  readonly requestId: string;
  /** The encoded request; a repetition must be equal to it. */
  readonly request: Uint8Array;
}

/** Carries a response to its row and back. */
export interface ResponseCodec<R> {
  encode(response: R): Uint8Array;
  decode(bytes: Uint8Array): R;
}

interface Stored {
  readonly hash: Buffer;
  readonly response: Buffer | null;
}

/**
 * Runs `work` in a transaction, or gives the response that an earlier run stored.
 *
 * @throws RpcError ALREADY_EXISTS with reason REQUEST_ID_REUSED for another request under a known id; whatever `work`
 *   throws, after which nothing is stored and a repetition works anew
 */
export async function once<T, R extends object>(
  database: ServiceDatabase<T>,
  key: OnceKey,
  codec: ResponseCodec<R>,
  work: (transaction: Transaction<T>) => Promise<R>,
): Promise<R> {
  if (key.requestId === '') return database.transaction(work);
  const hash = createHash('sha256').update(key.request).digest();
  const { principal, method, requestId } = key;
  const row = sql`principal = ${principal} and method = ${method} and request_id = ${requestId}`;
  return database.transaction(async (transaction) => {
    // Waits while another transaction holds the same key, and goes on when that one has ended either way.
    const { numAffectedRows } = await sql`
      insert into fairlead.once (principal, method, request_id, request_hash)
      values (${principal}, ${method}, ${requestId}, ${hash}) on conflict do nothing`.execute(transaction);
    if (numAffectedRows === 1n) {
      const response = await work(transaction);
      const bytes = Buffer.from(codec.encode(response));
      await sql`update fairlead.once set response = ${bytes} where ${row}`.execute(transaction);
      return response;
    }
    const { rows } = await sql<Stored>`select request_hash as hash, response from fairlead.once where ${row}`.execute(
      transaction,
    );
    const stored = rows[0];
    if (stored === undefined || stored.response === null) {
      // The row was removed for its age between the two statements.
      throw new RpcError('ABORTED', 'the stored response of this request_id has just expired; send the request again');
    }
    if (!stored.hash.equals(hash)) {
      throw new RpcError('ALREADY_EXISTS', `request_id ${requestId} was used for another request; use a new one`, {
        reason: 'REQUEST_ID_REUSED',
        metadata: { requestId },
      });
    }
    return codec.decode(stored.response);
  });
}
