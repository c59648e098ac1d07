// Paths for operators: health of the called services, the registry, numbers of calls; and the probes.
// Probes and metrics take no credential and count against no limit, because a probe that is refused restarts a pod.
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Access } from '../../contract/contract.ts';
import type { Edge, HealthStatus } from '../../edge.ts';
import type { ServiceManifest } from '../../manifest.ts';
import { readiness } from '../../run/readiness.ts';
import type { MethodStatistics } from '../../telemetry/telemetry.ts';
import type { Registry } from './registered-service.ts';

/** Options of {@link addOperations}. */
export interface OperationsOptions {
  /** Who may see health, registry and numbers. */
  readonly access: Access;
  readonly registry: () => Promise<Registry>;
  /** Called services that the edge waits for before it is ready. */
  readonly waitingFor: () => readonly string[];
  /** Prefix of the paths. */
  readonly prefix: string;
}

/** Adds the routes. */
export function addOperations<M extends ServiceManifest>(
  app: FastifyInstance,
  edge: Edge<M>,
  { access, registry, waitingFor, prefix }: OperationsOptions,
): void {
  const get = (path: string, answer: (reply: FastifyReply, signal: AbortSignal) => Promise<unknown>): void => {
    app.route({
      method: 'GET',
      url: `${prefix}${path}`,
      config: { access, label: `${prefix}${path}` },
      handler: async (request, reply) => {
        const json = await answer(reply, request.edge.scope.signal);
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(json));
      },
    });
  };
  get('/health/grpc', async (reply, signal) => {
    const services = await healthOf(edge, signal);
    const serving = Object.values(services).every((status) => status === 'SERVING');
    reply.status(serving ? 200 : 503);
    return { status: serving ? 'SERVING' : 'NOT_SERVING', services };
  });
  get('/services/registry', registry);
  get('/services/stats', async () => ({ services: byService(edge) }));

  probe(app, '/healthz', (reply) => reply.type('text/plain').send('ok\n'));
  probe(app, '/readyz', (reply) => {
    const { status, body } = readiness(edge.ready(), waitingFor());
    return reply.status(status).type('text/plain').send(body);
  });
  probe(app, '/metrics', async (reply) => {
    const { registry: metrics } = edge.telemetry;
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}

function probe(app: FastifyInstance, path: string, answer: (reply: FastifyReply) => unknown): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: path,
    config: { label: path },
    handler: async (_request, reply) => answer(reply),
  });
}

async function healthOf<M extends ServiceManifest>(
  { manifest, health }: Edge<M>,
  signal: AbortSignal,
): Promise<Record<string, HealthStatus>> {
  const names = Object.keys(manifest.calls ?? {});
  const statuses = await Promise.all(names.map(async (name) => [name, await health(name, signal)] as const));
  return Object.fromEntries(statuses);
}

/** Numbers of the edge's calls by called service. Methods that were never called are not there. */
function byService({ manifest, telemetry }: Edge): Record<string, { contract: string; methods: MethodStatistics[] }> {
  const statistics = telemetry.client.statistics();
  const entries = Object.entries(manifest.calls ?? {}).map(([name, { contract }]) => {
    const methods = statistics
      .filter(({ method }) => method.startsWith(`${contract}/`))
      .map((numbers) => ({ ...numbers, method: numbers.method.slice(contract.length + 1) }));
    return [name, { contract, methods }] as const;
  });
  return Object.fromEntries(entries);
}
