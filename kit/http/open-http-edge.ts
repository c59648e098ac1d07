// Puts an HTTP edge together: transcoded methods, views, WebSockets, documentation and operations on one server.
// What a gateway folder holds is what its business is; everything else about HTTP is here.
import type { CallScope } from '../calls/call-scope.ts';
import type { Access } from '../contract/contract.ts';
import { loadContract } from '../contract/contract.ts';
import type { Edge, RunningEdge } from '../edge.ts';
import { RpcError } from '../errors/rpc-error.ts';
import type { ServiceManifest } from '../manifest.ts';
import { removeStaleSocket } from '../server/transports/stale-socket.ts';
import { createApiKeys, type ExchangedToken } from './credentials/api-keys.ts';
import { createCredentials } from './credentials/credentials.ts';
import { addDocs } from './docs/docs-routes.ts';
import { createRateLimits, type RateQuotas } from './limits/rate-limits.ts';
import { openApiDocument } from './openapi/open-api-document.ts';
import { CalledServices } from './operations/called-services.ts';
import { declaredServices } from './operations/declared-services.ts';
import { kubernetesAccess } from './operations/kubernetes-api.ts';
import { addOperations } from './operations/operations-routes.ts';
import { createServiceRegistry } from './operations/service-registry.ts';
import { createEdgeServer, type HttpLimits } from './server/edge-server.ts';
import { createHttpRecorder } from './server/http-recorder.ts';
import { otherMethods } from './server/other-methods.ts';
import { OpenStreams } from './streams/open-streams.ts';
import { bindingsOf } from './transcode/binding.ts';
import { type AnyClients, addBindings } from './transcode/transcode-routes.ts';
import type { View } from './views/view.ts';
import { addViews } from './views/view-routes.ts';
import { addWebSockets } from './websocket/web-socket-routes.ts';

/** A path that is bridged to a bidirectional method. */
export interface WebSocketPath {
  readonly path: string;
  /** Key of the called service in the manifest's calls. */
  readonly service: string;
  readonly rpc: string;
}

/** What an edge serves and how. */
export interface HttpEdgeOptions<M extends ServiceManifest> {
  /** `host:port`, where port 0 takes any free one; or `unix:/path`, behind a proxy on the same machine. */
  readonly listen: string;
  readonly title: string;
  readonly views?: readonly View<M>[];
  readonly webSockets?: readonly WebSocketPath[];
  /** Asks the service that knows API keys. */
  readonly exchangeApiKey: (key: string, clients: Edge<M>['application']['clients']) => Promise<ExchangedToken>;
  readonly quotas: RateQuotas;
  readonly operations: { readonly prefix: string; readonly access: Access };
  /** Proxies in front whose `x-forwarded-for` is believed. @default 0 */
  readonly trustedProxies?: number;
  /** @default {} */
  readonly limits?: HttpLimits;
}

/** Opens the edge. */
export async function openHttpEdge<M extends ServiceManifest>(
  edge: Edge<M>,
  options: HttpEdgeOptions<M>,
): Promise<RunningEdge> {
  const { manifest, application, identity, telemetry, config } = edge;
  const { views = [], webSockets = [], exchangeApiKey } = options;
  const { clock } = application;
  const apiKeys = createApiKeys({ clock, exchange: (key) => exchangeApiKey(key, application.clients) });
  const app = createEdgeServer({
    recorder: createHttpRecorder(telemetry),
    credentials: createCredentials(identity, apiKeys),
    rateLimits: createRateLimits(options.quotas, clock),
    limits: options.limits ?? {},
    trustedProxies: options.trustedProxies ?? 0,
  });
  const streams = new OpenStreams(app);
  const addOtherMethods = otherMethods(app);
  // Bindings were checked against the manifest that the clients are typed by.
  const clients = (scope: CallScope): AnyClients => edge.clients(scope) as unknown as AnyClients;
  const calls = manifest.calls ?? {};
  const bindings = bindingsOf(calls);
  await addWebSockets(
    app,
    webSockets.map(({ path, service, rpc }) => {
      const contract = calls[service]?.contract;
      const method = contract && loadContract(contract).methods.find((candidate) => candidate.rpc === rpc);
      if (!method) throw new TypeError(`${path}: the manifest declares no call of ${service}.${rpc}`);
      return { path, service, method };
    }),
    clients,
  );
  addBindings(app, bindings, clients);
  addViews(app, edge, views);
  addDocs(app, () => {
    const { title } = options;
    return openApiDocument({ title, description: manifest.description, version: application.version, bindings, views });
  });
  const called = new CalledServices({ names: Object.keys(calls), health: edge.health, log: telemetry.log });
  addOperations(app, edge, {
    ...options.operations,
    waitingFor: () => called.waitingFor(),
    registry: createServiceRegistry({
      namespace: config.FAIRLEAD_NAMESPACE,
      domain: config.FAIRLEAD_CLUSTER_DOMAIN,
      declared: () => declaredServices(),
      kubernetes: kubernetesAccess(config),
    }),
  });
  addOtherMethods();
  const address = await listen(app, options.listen);
  return {
    address,
    waitingFor: () => called.waitingFor(),
    async stop() {
      called.stop();
      streams.end(new RpcError('UNAVAILABLE', 'the edge is shutting down; connect again', { reason: 'EDGE_DRAINING' }));
      await app.close();
    },
  };
}

async function listen(app: ReturnType<typeof createEdgeServer>, address: string): Promise<string> {
  if (address.startsWith('unix:')) {
    await removeStaleSocket(address);
    await app.listen({ path: address.slice('unix:'.length) });
    return address;
  }
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) {
    throw new TypeError(`'${address}' is neither host:port, such as 0.0.0.0:8080, nor unix:/path`);
  }
  return await app.listen({ host, port });
}
