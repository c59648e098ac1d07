// The client of one service as a class with a method for each declared RPC, made once a process.
// An instance only holds its scope, so that a handler's client costs one small object.
import type { CallScope } from '../calls/call-scope.ts';
import type { CallOptions } from '../context.ts';
import type { Contract } from '../contract/contract.ts';
import type { StreamSource } from '../contract/shapes.ts';
import { callManyResponses } from './calls/many-responses-call.ts';
import type { ClientMethod, ClientParts } from './calls/outgoing-call.ts';
import { callClientStream, callUnary } from './calls/single-response-call.ts';

/** Default bound on unary calls, in milliseconds. */
const unaryTimeoutMs = 10_000;

type AnyClientMethod = (this: { readonly scope: CallScope }, request: never, options?: CallOptions) => unknown;

/** Makes clients that work within a scope. */
export type ClientClass = new (scope: CallScope) => object;

const none: CallOptions = {};

function methodOf(parts: ClientParts, method: ClientMethod): AnyClientMethod {
  switch (method.contract.kind) {
    case 'unary':
      return function (request: object, options = none) {
        return callUnary(parts, method, this.scope, request, options);
      };
    case 'serverStream':
      return function (request: object, options = none) {
        return callManyResponses(parts, method, this.scope, [request], options);
      };
    case 'clientStream':
      return function (requests: StreamSource<object>, options = none) {
        return callClientStream(parts, method, this.scope, requests, options);
      };
    case 'bidiStream':
      return function (requests: StreamSource<object>, options = none) {
        return callManyResponses(parts, method, this.scope, requests, options);
      };
  }
}

/**
 * Makes the class of clients for a service.
 *
 * @param methods names of the RPCs that may be called; the others are not there
 */
export function clientClass(contract: Contract, methods: readonly string[], parts: ClientParts): ClientClass {
  class Client {
    readonly scope: CallScope;
    constructor(scope: CallScope) {
      this.scope = scope;
    }
  }
  for (const method of contract.methods) {
    if (!methods.includes(method.rpc)) continue;
    const call = methodOf(parts, {
      contract: method,
      labels: { service: method.service, rpc: method.rpc, kind: method.kind },
      defaultTimeoutMs: method.kind === 'unary' ? unaryTimeoutMs : Number.POSITIVE_INFINITY,
    });
    Object.defineProperty(Client.prototype, method.handlerName, { value: call, enumerable: true });
  }
  return Client;
}
