// Adds a route for each view, with the same path templates and error forms as the transcoded methods.
import type { FastifyInstance } from 'fastify';
import type { ClientsOf, User } from '../../context.ts';
import type { Edge } from '../../edge.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { ServiceManifest } from '../../manifest.ts';
import type { EdgeRequest } from '../server/edge-request.ts';
import { captured, parsePathTemplate } from '../transcode/path-template.ts';
import type { View } from './view.ts';

/** Adds the routes of all views. */
export function addViews<M extends ServiceManifest>(
  app: FastifyInstance,
  edge: Edge<M>,
  views: readonly View<M>[],
): void {
  for (const view of views) {
    const template = parsePathTemplate(view.path);
    app.route({
      method: view.method,
      url: template.route,
      config: { access: view.access, label: template.openApi },
      handler: async (request, reply) => {
        const captures = template.captures.map((capture) => {
          const parameters = request.params as Readonly<Record<string, string>>;
          return [capture.field.join('.'), captured(capture, parameters)] as const;
        });
        const { scope, caller, record } = request.edge;
        const answer = await view.answer({
          parameters: Object.fromEntries(captures),
          query: new URLSearchParams(new URL(request.url, 'http://edge').search),
          body: request.body ?? undefined,
          clients: edge.clients(scope) as ClientsOf<M>,
          caller,
          log: record.log,
          signal: scope.signal,
          user: () => userOf(request.edge),
        });
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
      },
    });
  }
}

function userOf({ caller }: EdgeRequest): User {
  if (caller.user === undefined) {
    throw new RpcError('UNAUTHENTICATED', 'log in to see this', { reason: 'CREDENTIAL_MISSING' });
  }
  return caller.user;
}
