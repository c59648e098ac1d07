// What a call hands down to the calls it makes: its deadline, its cancellation, its metadata.
// The AbortSignal is made at first use, because most handlers never look at it.
import type { RpcError } from '../errors/rpc-error.ts';
import type { CallRecord } from '../telemetry/call-recorder.ts';
import type { HeaderBag } from '../telemetry/header-bag.ts';
import { type Linked, LinkedList } from './linked-list.ts';

/** Something that ends with the scope. */
export interface Cancellable extends Linked {
  /** @param reason CANCELLED or DEADLINE_EXCEEDED */
  cancel(reason: RpcError): void;
}

/** Bounds and origin of outgoing calls. */
export class CallScope {
  /** Milliseconds since the epoch; Infinity without a deadline. */
  readonly deadline: number;
  /** Metadata of the incoming call. Absent for work that no call asked for. */
  readonly headers: HeaderBag | undefined;
  /** Record of the incoming call, whose trace outgoing calls go on with. */
  readonly record: CallRecord | undefined;
  #reason: RpcError | undefined;
  #controller: AbortController | undefined;
  #children: LinkedList<Cancellable> | undefined;

  constructor(deadline: number, headers: HeaderBag | undefined, record: CallRecord | undefined) {
    this.deadline = deadline;
    this.headers = headers;
    this.record = record;
  }

  /** Why the scope ended; undefined while it has not. */
  get reason(): RpcError | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  add(child: Cancellable): void {
    this.#children ??= new LinkedList();
    this.#children.add(child);
  }

  delete(child: Cancellable): void {
    this.#children?.delete(child);
  }

  /** Ends everything in the scope. */
  cancel(reason: RpcError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    const children = this.#children;
    this.#children = undefined;
    if (children !== undefined) for (const child of children.all().reverse()) child.cancel(reason);
  }
}
