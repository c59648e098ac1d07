// Lists of the Kubernetes API, read with the pod's own service account through the official client.
// The client is loaded at the first question, because it costs some 80 MB: an edge that nobody asks has none of it.
import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { CoreV1Api, DiscoveryV1Api, Middleware, V1EndpointSlice, V1Pod } from '@kubernetes/client-node';
import type { KitConfig } from '../../config/kit-variables.ts';

/** Where the API is and how to be let in. */
export interface KubernetesAccess {
  readonly host: string;
  readonly port: string;
  /** Folder of the mounted service account: `token` and `ca.crt`. */
  readonly folder: string;
}

/** What the registry reads of a namespace. */
export interface NamespaceLists {
  readonly slices: readonly V1EndpointSlice[];
  readonly pods: readonly V1Pod[];
}

/** Where Kubernetes mounts the service account of a pod. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

const timeoutMs = 3_000;

/** Access from within a pod; undefined outside of a cluster, or where the pod has no service account mounted. */
export function kubernetesAccess(config: KitConfig): KubernetesAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = config;
  if (host === '' || !existsSync(`${serviceAccountFolder}/token`)) return undefined;
  return { host, port: String(port), folder: serviceAccountFolder };
}

interface Apis {
  readonly core: CoreV1Api;
  readonly discovery: DiscoveryV1Api;
}

/** A reader of one namespace at a time; the answer of the API that is no success becomes an error that names it. */
export function kubernetesReader(access: KubernetesAccess): (namespace: string) => Promise<NamespaceLists> {
  let apis: Promise<Apis> | undefined;
  return async (namespace) => {
    apis ??= openApis(access);
    const { core, discovery } = await apis;
    const [slices, pods] = await Promise.all([
      named('endpointslices', namespace, discovery.listNamespacedEndpointSlice({ namespace })),
      named('pods', namespace, core.listNamespacedPod({ namespace })),
    ]);
    return { slices: slices.items, pods: pods.items };
  };
}

async function openApis({ host, port, folder }: KubernetesAccess): Promise<Apis> {
  const { KubeConfig, CoreV1Api, DiscoveryV1Api, createConfiguration, ServerConfiguration } = await import(
    '@kubernetes/client-node'
  );
  const config = new KubeConfig();
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server, caFile: `${folder}/ca.crt`, skipTLSVerify: false }],
    // The client reads the file anew each minute: the token is rotated.
    users: [{ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile: `${folder}/token` } } }],
    contexts: [{ name: 'pod', cluster: 'cluster', user: 'pod' }],
    currentContext: 'pod',
  });
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [inTime],
  });
  return { core: new CoreV1Api(configuration), discovery: new DiscoveryV1Api(configuration) };
}

/** The client has no time limit of its own. */
const inTime: Middleware = {
  async pre(request) {
    request.setSignal(AbortSignal.timeout(timeoutMs));
    return request;
  },
  post: async (response) => response,
};

/** The client's own message holds headers and body of the answer, which belong to nobody's screen. */
async function named<T>(list: string, namespace: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    const what = typeof code === 'number' ? `with ${code}` : 'with nothing that can be read';
    throw new Error(`the Kubernetes API answered namespaces/${namespace}/${list} ${what}`, { cause });
  }
}
