// What a proxied call needs to know from its side of the mesh: where to, how often, how long, and whom to tell.
// The caller's sidecar makes plans from routes, the called one from its own service; the call itself is the same.

import type { HeaderList } from '#transport';
import type { AttemptOutcome, LocalReply, RetryPolicy } from '../../rules/index.ts';
import type { Pool } from '../clusters/pool.ts';
import type { ProxiedCall } from './proxied-call.ts';
import type { ReplyFields } from './send-reply.ts';

export interface Plan {
  /** For the whole call from the end of the request, retries included; 0 is none. */
  readonly timeoutMs: number;
  /** The timeout is the caller's own deadline, so running into it is DEADLINE_EXCEEDED. */
  readonly callerDeadline: boolean;
  readonly retries: RetryPolicy | undefined;
  /** The pool for the next attempt, with its place in the circuit taken; or the answer when there is none. */
  acquire(call: ProxiedCall): Pool | LocalReply;
  /** Gives the place back. */
  release(call: ProxiedCall, pool: Pool): void;
  /** May one more retry be made under the cluster's limit? `retryEnded` follows when true. */
  enterRetry(): boolean;
  leaveRetry(): void;
  /** May one more call wait for a connection? `leavePending` follows when true. */
  enterPending(): boolean;
  leavePending(): void;
  requestHeaders(call: ProxiedCall, attempt: number): readonly string[];
  responseHeaders(call: ProxiedCall, headers: HeaderList): readonly string[];
  /** In an answer that is given in the place of an instance. */
  readonly replyFields: ReplyFields;
  /** How an attempt ended, for outlier detection. */
  attemptEnded(call: ProxiedCall, pool: Pool, outcome: AttemptOutcome): void;
  /** The call is over: telemetry. */
  ended(call: ProxiedCall): void;
}
