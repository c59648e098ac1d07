// The Context of one call: the application as its prototype, and what belongs to the call on top, made when it is asked for.
// A class a service keeps all contexts of one shape. Its functions are getters, bound when they are asked for, so that
// `const { user, once } = context` works and a call that asks for none pays for none.

import { v7 as uuid } from 'uuid';
import type { CallScope } from '../calls/call-scope.ts';
import type { ClientsClass } from '../client/clients-class.ts';
import { timeOfDay } from '../clock/timers.ts';
import type { Application, Caller, Context, Logger, UnitOfWork, User } from '../context.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { once } from '../idempotency/once.ts';
import type { CallFacts } from '../server/call-run.ts';
import { changesOf, databaseOf, unitOfWork } from './application.ts';
import type { KitParts } from './kit-parts.ts';

/** Principal of request ids on internal methods, where a saga may go on after its user's token has expired. */
const platform = 'platform';

type Once = Context<never>['once'];

/** Makes the contexts of a service. */
export function contextFactory(
  parts: KitParts,
  application: Application,
  clients: ClientsClass,
): (facts: CallFacts) => object {
  class CallContext {
    readonly caller: Caller;
    readonly #facts: CallFacts;
    #clients: object | undefined;
    #requestId: string | undefined;

    constructor(facts: CallFacts) {
      this.caller = facts.caller;
      this.#facts = facts;
    }

    get requestId(): string {
      this.#requestId ??= this.#facts.record?.requestId ?? uuid();
      return this.#requestId;
    }

    /** Path of the method; the kit's own parts look at it. */
    get method(): string {
      return this.#facts.method.contract.path;
    }

    get signal(): AbortSignal {
      return this.#scope.signal;
    }

    get log(): Logger {
      return this.#facts.record?.log ?? application.log;
    }

    get clients(): object {
      this.#clients ??= new clients(this.#scope);
      return this.#clients;
    }

    get remaining(): () => number {
      return () => Math.max(0, this.#scope.deadline - timeOfDay());
    }

    get user(): () => User {
      return () => {
        if (this.caller.user !== undefined) return this.caller.user;
        throw new RpcError('UNAUTHENTICATED', 'Log in: this call needs a user.', { reason: 'CREDENTIAL_MISSING' });
      };
    }

    get abort(): (error: RpcError) => void {
      return this.#facts.abort;
    }

    get changes(): (topic: string) => AsyncIterable<void> {
      return (topic) => changesOf(parts, topic, this.signal);
    }

    get once(): Once {
      return <R extends object>(
        request: { readonly requestId: string },
        work: (unit: UnitOfWork<never>) => Promise<R>,
      ): Promise<R> => {
        const { contract } = this.#facts.method;
        const key = {
          principal: contract.access.audience === 'INTERNAL' ? platform : (this.caller.user?.id ?? ''),
          method: contract.path,
          requestId: request.requestId,
          request: contract.request.encode(request),
        };
        const codec = {
          encode: (response: R) => contract.response.encode(response),
          decode: (bytes: Uint8Array) => contract.response.decode(bytes) as R,
        };
        return once(databaseOf(parts), key, codec, (db) => work(unitOfWork(parts, db)));
      };
    }

    get #scope(): CallScope {
      return this.#facts.scope;
    }
  }
  Object.setPrototypeOf(CallContext.prototype, application);
  return (facts) => new CallContext(facts);
}
