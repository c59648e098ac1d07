// A gRPC server of the kit: methods on a transport, calls through the pipeline, an orderly end.
// Draining lets short calls finish; streams may be endless, so they are told to go elsewhere sooner.
import { LinkedList } from '../calls/linked-list.ts';
import { after } from '../clock/timers.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { type CallParts, CallRun } from './call-run.ts';
import type { ServedMethod } from './served-method.ts';
import type { CreateServerTransport, ServerTransport } from './server-transport.ts';

/** Options of {@link RpcServer}. */
export interface RpcServerOptions extends Omit<CallParts, 'began' | 'ended'> {
  readonly createTransport: CreateServerTransport;
  readonly methods: readonly ServedMethod[];
}

/** How long response streams may go on while draining, in milliseconds. */
const streamDrainMs = 2_000;

/** Serves methods until it is drained. */
export class RpcServer {
  readonly #transport: ServerTransport;
  readonly #running: LinkedList<CallRun> = new LinkedList();
  readonly #drainMs: number;
  #open = false;
  #draining = false;
  #idle: (() => void) | undefined;

  constructor({ createTransport, methods, ...parts }: RpcServerOptions) {
    this.#drainMs = parts.limits.drainMs;
    const all: CallParts = {
      ...parts,
      began: (run) => this.#running.add(run),
      ended: (run) => {
        this.#running.delete(run);
        if (this.#running.size === 0) this.#idle?.();
      },
    };
    this.#transport = createTransport(
      methods.map((method) => ({
        path: method.contract.path,
        requestStream: method.contract.kind === 'clientStream' || method.contract.kind === 'bidiStream',
        responseStream: method.contract.kind === 'serverStream' || method.contract.kind === 'bidiStream',
        maxRequestBytes: method.maxRequestBytes,
        accept: (call) => {
          const run = new CallRun(all, method, call);
          if (this.#draining) run.abort(goingAway());
          else if (!this.#open && method.recorded) run.abort(starting());
        },
      })),
      parts.limits,
    );
  }

  /** Calls that have not ended. */
  get active(): number {
    return this.#running.size;
  }

  /** Answers calls from now on; before, only health. */
  open(): void {
    this.#open = true;
  }

  /** @returns the address with the port that was taken */
  listen(address: string): Promise<string> {
    return this.#transport.listen(address);
  }

  /** Takes no new calls, waits for those in flight within bounds, and closes. */
  async drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    const drained = this.#transport.drain();
    // Watchers of health have just been told that it is over; nothing is lost with them.
    this.#abort((run) => !run.method.recorded);
    const streams = after(Math.min(streamDrainMs, this.#drainMs), () => this.#abort(isStream), undefined);
    const all = after(
      this.#drainMs,
      () => {
        this.#abort(() => true);
        this.#idle?.();
      },
      undefined,
    );
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    clearTimeout(streams);
    clearTimeout(all);
    // Connections close when their last frames have left; one that does not is cut.
    const cut = after(1_000, () => this.#transport.destroy(), undefined);
    await drained;
    clearTimeout(cut);
    this.#transport.destroy();
  }

  #abort(which: (run: CallRun) => boolean): void {
    for (const run of this.#running.all()) if (which(run)) run.abort(goingAway());
  }
}

function isStream(run: CallRun): boolean {
  const { kind } = run.method.contract;
  return kind === 'serverStream' || kind === 'bidiStream';
}

function goingAway(): RpcError {
  return new RpcError('UNAVAILABLE', 'the server is shutting down; call again, another one will answer', {
    reason: 'SHUTTING_DOWN',
  });
}

function starting(): RpcError {
  return new RpcError('UNAVAILABLE', 'the server is starting; call again in a moment', { reason: 'STARTING' });
}
