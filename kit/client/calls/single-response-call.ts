// Calls with one response: unary and client stream. The result is a promise.
import type { CallScope } from '../../calls/call-scope.ts';
import type { CallOptions } from '../../context.ts';
import type { StreamSource } from '../../contract/shapes.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { type ClientMethod, type ClientParts, OutgoingCall } from './outgoing-call.ts';
import { RequestPump } from './request-pump.ts';

class SingleResponseCall extends OutgoingCall {
  readonly result: PromiseWithResolvers<object> = Promise.withResolvers();
  #response: object | undefined;
  #pump: RequestPump | undefined;

  sendOne(request: object): void {
    let bytes: Buffer;
    try {
      bytes = this.method.contract.request.encode(request);
    } catch (error) {
      // A value of the wrong type is the caller's own mistake, which TypeScript would have shown.
      this.ended = true;
      this.result.reject(error);
      return;
    }
    if (!this.open()) return;
    this.sendBytes(bytes, ignore);
    this.halfClose();
    this.pull();
  }

  sendAll(requests: StreamSource<object>): void {
    if (!this.open()) return;
    this.#pump = new RequestPump(requests, {
      encode: (request) => this.method.contract.request.encode(request),
      send: (bytes, flushed) => this.sendBytes(bytes, flushed),
      halfClose: () => this.halfClose(),
      fail: (error) => this.cancel(error),
    });
    this.pull();
  }

  protected override response(message: object): void {
    if (this.#response !== undefined) {
      this.cancel(new RpcError('UNIMPLEMENTED', `${this.method.contract.path} sent more than one response`));
      return;
    }
    this.#response = message;
    this.pull();
  }

  protected override finished(error: RpcError | undefined): void {
    this.#pump?.stop();
    if (error !== undefined) this.result.reject(error);
    else if (this.#response !== undefined) this.result.resolve(this.#response);
    else this.result.reject(new RpcError('UNIMPLEMENTED', `${this.method.contract.path} sent no response`));
  }
}

function ignore(): void {}

/** Calls a unary method. */
export function callUnary(
  parts: ClientParts,
  method: ClientMethod,
  scope: CallScope,
  request: object,
  options: CallOptions,
): Promise<object> {
  const call = new SingleResponseCall(parts, method, scope, options);
  call.sendOne(request);
  return call.result.promise;
}

/** Calls a client-streaming method; the source is read no faster than the server reads. */
export function callClientStream(
  parts: ClientParts,
  method: ClientMethod,
  scope: CallScope,
  requests: StreamSource<object>,
  options: CallOptions,
): Promise<object> {
  const call = new SingleResponseCall(parts, method, scope, options);
  call.sendAll(requests);
  return call.result.promise;
}
