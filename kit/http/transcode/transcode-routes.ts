// Adds a route for each binding: request in, call of the service, answer out. A stream of responses is sent as it comes.
import type { FastifyInstance } from 'fastify';
import type { CallScope } from '../../calls/call-scope.ts';
import { resumedQuery } from '../streams/resume.ts';
import { sendStream } from '../streams/send-stream.ts';
import type { Binding } from './binding.ts';
import { requestMessage } from './request-message.ts';

/** A client's method without its types. */
type AnyMethod = (request: object) => unknown;

/** Clients by service, their methods by name. */
export type AnyClients = Readonly<Record<string, Readonly<Record<string, AnyMethod>>>>;

/** Adds the routes of all bindings. */
export function addBindings(
  app: FastifyInstance,
  bindings: readonly Binding[],
  clients: (scope: CallScope) => AnyClients,
): void {
  for (const binding of bindings) addBinding(app, binding, clients);
}

function addBinding(app: FastifyInstance, binding: Binding, clients: (scope: CallScope) => AnyClients): void {
  const { method, httpMethod, template, service, responseJson, resume } = binding;
  const stream = method.kind === 'serverStream';
  app.route({
    method: httpMethod,
    url: template.route,
    config: { access: method.access, stream, label: template.openApi },
    handler: async (request, reply) => {
      const client = clients(request.edge.scope)[service];
      const call = client?.[method.handlerName];
      if (client === undefined || call === undefined) throw new Error(`there is no client for ${method.path}`);
      const { searchParams } = new URL(request.url, 'http://edge');
      const lastEventId = stream && resume !== undefined ? request.headers['last-event-id'] : undefined;
      const resumed = resume !== undefined && typeof lastEventId === 'string' && lastEventId !== '';
      const message = requestMessage(binding.request, {
        parameters: request.params as Readonly<Record<string, string>>,
        query: resumed ? resumedQuery(searchParams, resume, lastEventId) : searchParams,
        body: request.body ?? undefined,
      });
      const response = call.call(client, message);
      if (stream) {
        await sendStream(request, reply, response as AsyncIterable<object>, {
          toJson: responseJson,
          id: resume?.id,
          resumed,
        });
        return reply;
      }
      const json = responseJson((await response) as object);
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(json));
    },
  });
}
