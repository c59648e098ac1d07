// Spares V8's young collections the calls of grpc-js that have ended: they were a fifth of what a call costs.
// A connection of grpc-js holds its calls in a Set. One whose entries come and go is rebuilt every few calls; the tables that it
// leaves behind point to one another, and as soon as one of them is old, all later ones grow old with the calls in them.
// The fields read here are not in grpc-js's types; where they are not found, nothing is changed.
import type { ClientHttp2Stream } from 'node:http2';

/** What grpc-js makes of a call on a connection. */
interface CarriedCall {
  readonly http2Stream?: ClientHttp2Stream;
  readonly transport?: { activeCalls?: unknown };
  /** Where it is among the active calls. */
  position?: number;
}

interface StartedCall {
  readonly child?: {
    readonly underlyingCalls?: readonly { readonly call?: { readonly child?: CarriedCall } }[];
  } | null;
}

/** The calls of a connection, as far as grpc-js uses a Set. */
class ActiveCalls implements Iterable<CarriedCall> {
  readonly #calls: CarriedCall[];

  constructor(calls: Iterable<CarriedCall>) {
    this.#calls = [...calls];
    for (const [position, call] of this.#calls.entries()) call.position = position;
  }

  get size(): number {
    return this.#calls.length;
  }

  add(call: CarriedCall): void {
    call.position = this.#calls.push(call) - 1;
  }

  /** grpc-js asks for it when the call's status is known. Node holds streams in such a table too, so the stream lets go of the call. */
  delete(call: CarriedCall): void {
    const { position, http2Stream } = call;
    if (position === undefined || this.#calls[position] !== call) return;
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[position] = last;
      last.position = position;
    }
    http2Stream?.once('close', forgetListeners);
  }

  [Symbol.iterator](): ArrayIterator<CarriedCall> {
    return [...this.#calls][Symbol.iterator]();
  }
}

function forgetListeners(this: ClientHttp2Stream): void {
  this.removeAllListeners();
}

/**
 * Makes the connection that carried a call forget its calls when they end.
 *
 * @param call made by a channel of grpc-js, and started
 */
export function forgetEndedCalls(call: object): void {
  const transport = (call as StartedCall).child?.underlyingCalls?.[0]?.call?.child?.transport;
  if (transport?.activeCalls instanceof Set) transport.activeCalls = new ActiveCalls(transport.activeCalls);
}
