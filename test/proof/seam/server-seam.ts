// What a handler of the kit has no say in (metadata of the answer, foreign status details) is added here, where the kit ends
// and its transport begins: the suites ask for it, services never do.
import type { CallFacts } from '#kit/server/call-run.ts';
import type { CreateServerTransport, OutgoingStatus, ServerCall, ServerTls } from '#kit/server/server-transport.ts';

/** What is added to the end of one call. */
export interface Ending {
  readonly call: ServerCall;
  /** Names and values in turn. */
  trailers: readonly string[];
  /** Serialized `google.rpc.Status`. */
  details: Buffer | undefined;
}

export class ServerSeam {
  readonly #endings = new Map<object, Ending>();

  /** A transport whose calls end with what their handlers left here. */
  around(createServer: CreateServerTransport, tls?: ServerTls): CreateServerTransport {
    return (methods, limits) => {
      const inner = createServer(
        methods.map((method) => ({
          ...method,
          accept: (call) => {
            this.#watch(call);
            method.accept(call);
          },
        })),
        limits,
      );
      return {
        listen: (address) => inner.listen(address, tls),
        drain: () => inner.drain(),
        destroy: () => inner.destroy(),
      };
    };
  }

  /** The ending of the call that a handler was called for. */
  of(facts: CallFacts): Ending {
    return this.#endings.get(facts.scope.headers ?? {}) as Ending;
  }

  #watch(call: ServerCall): void {
    const ending: Ending = { call, trailers: [], details: undefined };
    this.#endings.set(call.headers, ending);
    const end = call.end.bind(call);
    call.end = ({ code, message }: OutgoingStatus) => {
      this.#endings.delete(call.headers);
      const details = ending.details === undefined ? {} : { details: ending.details };
      end({ code, message, ...details, trailers: ending.trailers });
    };
  }
}
