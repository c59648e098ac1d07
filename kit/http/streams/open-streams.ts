// The streams and WebSockets that are open, so that a draining edge can end each with a word instead of a cut.
// Requests with an end of their own are not here: the server waits for those.
import type { FastifyInstance } from 'fastify';
import type { CallScope } from '../../calls/call-scope.ts';
import type { RpcError } from '../../errors/rpc-error.ts';

/** Scopes of open streams. */
export class OpenStreams {
  readonly #scopes = new Set<CallScope>();

  /** Watches the server's routes that stream. */
  constructor(app: FastifyInstance) {
    app.addHook('preHandler', async (request, reply) => {
      if (request.routeOptions.config.stream !== true) return;
      const { scope } = request.edge;
      this.#scopes.add(scope);
      reply.raw.once('close', () => this.#scopes.delete(scope));
    });
  }

  /** Ends all of them with the reason, which is what their clients are told. */
  end(reason: RpcError): void {
    for (const scope of this.#scopes) scope.cancel(reason);
  }
}
