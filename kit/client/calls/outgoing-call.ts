// One outgoing call: its deadline is the smaller of its own and what its scope has left, it ends with its scope,
// and whatever happens it ends once, with a status that became an RpcError.

import type { CallScope, Cancellable } from '../../calls/call-scope.ts';
import { compressFrom } from '../../calls/compression.ts';
import type { Linked } from '../../calls/linked-list.ts';
import { timeOfDay } from '../../clock/timers.ts';
import type { CallOptions } from '../../context.ts';
import type { ContractMethod } from '../../contract/contract.ts';
import { milliseconds } from '../../duration.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { decodeStatusDetails } from '../../errors/status-details.ts';
import { codeOf } from '../../errors/to-rpc-error.ts';
import type { CallRecord, CallRecorder, RecordedMethod } from '../../telemetry/call-recorder.ts';
import type { HeaderBag } from '../../telemetry/header-bag.ts';
import type { ClientCall, ClientCallListener, ClientChannel, IncomingStatus } from '../client-transport.ts';

/** What all calls to one service share. */
export interface ClientParts {
  readonly channel: ClientChannel;
  readonly recorder: CallRecorder;
  /** Copies what identifies user and request from an incoming call's metadata. */
  readonly forward: (incoming: HeaderBag, outgoing: HeaderBag) => void;
}

/** A method as a client calls it. */
export interface ClientMethod {
  readonly contract: ContractMethod;
  readonly labels: RecordedMethod;
  /** In milliseconds; Infinity for streams. */
  readonly defaultTimeoutMs: number;
}

/** The parts that calls of every kind have in common. */
export abstract class OutgoingCall implements ClientCallListener, Cancellable {
  protected readonly method: ClientMethod;
  protected ended = false;
  before: Linked | undefined = undefined;
  after: Linked | undefined = undefined;
  listed = false;
  readonly #parts: ClientParts;
  readonly #scope: CallScope;
  readonly #options: CallOptions;
  #call: ClientCall | undefined;
  #record: CallRecord | undefined;
  #abort: (() => void) | undefined;

  constructor(parts: ClientParts, method: ClientMethod, scope: CallScope, options: CallOptions) {
    this.#parts = parts;
    this.method = method;
    this.#scope = scope;
    this.#options = options;
  }

  /** Called once, after {@link ended} became true. */
  protected abstract finished(error: RpcError | undefined): void;

  /** A response message, decoded, and how many bytes it had. */
  protected abstract response(message: object, bytes: number): void;

  /** Starts the call; false when it is already too late for that and {@link finished} was called. */
  protected open(): boolean {
    const { timeout, signal } = this.#options;
    const { channel, recorder, forward } = this.#parts;
    const now = timeOfDay();
    const own = now + (timeout === undefined ? this.method.defaultTimeoutMs : milliseconds(timeout));
    const deadline = Math.min(own, this.#scope.deadline);
    const headers = channel.headers();
    if (this.#scope.headers !== undefined) forward(this.#scope.headers, headers);
    this.#record = recorder.start(this.method.labels, headers, this.#scope.record?.trace);
    this.#record.inject(headers);
    if (signal?.aborted) return this.#refuse(aborted(signal));
    if (this.#scope.reason !== undefined) return this.#refuse(this.#scope.reason);
    if (deadline <= now) return this.#refuse(tooLate(this.method));
    this.#scope.add(this);
    if (signal !== undefined) {
      this.#abort = () => this.cancel(aborted(signal));
      signal.addEventListener('abort', this.#abort, { once: true });
    }
    this.#call = channel.call(this.method.contract.path, deadline, headers, this);
    return true;
  }

  /** Gives the call up. */
  cancel(reason: RpcError): void {
    if (this.ended) return;
    // Ended first: a transport may tell of the cancellation at once, and then the reason would be lost.
    this.end(reason);
    this.#call?.cancel();
  }

  protected pull(): void {
    this.#call?.pull();
  }

  /** Sends one encoded request. */
  protected sendBytes(bytes: Buffer, flushed: () => void): void {
    this.#record?.sent(bytes.length);
    this.#call?.send(bytes, bytes.length >= compressFrom, flushed);
  }

  protected halfClose(): void {
    this.#call?.halfClose();
  }

  message(bytes: Buffer): void {
    if (this.ended) return;
    this.#record?.received(bytes.length);
    try {
      this.response(this.method.contract.response.decode(bytes), bytes.length);
    } catch (cause) {
      this.cancel(new RpcError('INTERNAL', `${this.method.contract.path} sent a malformed response`, { cause }));
    }
  }

  status({ code, message, details }: IncomingStatus): void {
    if (this.ended) return;
    if (code === 0) this.end(undefined);
    else this.end(new RpcError(codeOf(code), message, details === undefined ? {} : decodeStatusDetails(details)));
  }

  protected end(error: RpcError | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.#scope.delete(this);
    if (this.#abort !== undefined) this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#record?.end(error?.code ?? 'OK', error);
    this.finished(error);
  }

  #refuse(error: RpcError): false {
    this.end(error);
    return false;
  }
}

function aborted(signal: AbortSignal): RpcError {
  const reason: unknown = signal.reason;
  if (RpcError.is(reason)) return reason;
  return new RpcError('CANCELLED', 'the call was cancelled by its caller', { cause: reason });
}

function tooLate(method: ClientMethod): RpcError {
  return new RpcError('DEADLINE_EXCEEDED', `no time was left to call ${method.contract.path}`);
}
