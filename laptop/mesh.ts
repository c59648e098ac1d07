// The mesh between the services of this machine: every process gets a sidecar, and the manifests of infra/ hold as in a cluster.
// A process that is not ready is no endpoint, so calls to it are answered UNAVAILABLE at once, as they would be there.
import { fileURLToPath } from 'node:url';
import { type MeshEvent, shortfalls, startMesh } from '../mesh/index.ts';
import type { Instance } from './find-services.ts';

/** Options of {@link openMesh}. */
export interface LaptopMeshOptions {
  readonly instances: readonly Instance[];
  /** Path of the unix socket that an instance serves on: gRPC, or HTTP/1.1 where it is the edge. */
  readonly socketOf: (instance: Instance) => string;
  /** Port of 127.0.0.1 where the ingress gateway takes the outside's requests; it is there when an instance is an edge. */
  readonly port: number;
  /** A folder of the mesh's own: certificates, the control socket. */
  readonly stateDir: string;
  /** Where the user service's keys are read: `host:port` of this machine. */
  readonly keysAt: string;
  readonly onNews: (news: string) => void;
}

/** The mesh, running. */
export interface LaptopMesh {
  /** Value of `grpc_proxy` for an instance. Holds its token. */
  proxyFor(instance: Instance): string;
  /** Says whether an instance takes calls. */
  setReady(instance: Instance, ready: boolean): void;
  /** Nothing new comes in from outside; what runs may end. */
  drainIngress(): void;
  /** Port of the Prometheus endpoint. */
  readonly metricsPort: number;
  close(): Promise<void>;
}

const manifests = fileURLToPath(new URL('../infra', import.meta.url));
const namespace = 'fairlead';

function told(event: MeshEvent): string | undefined {
  switch (event.kind) {
    case 'reloaded':
      return `rules reloaded (${event.version})`;
    case 'refused':
      return `the rules are refused, the last good ones stay: ${event.problems.map((problem) => problem.message).join('; ')}`;
    case 'error':
      return event.error instanceof Error ? event.error.message : String(event.error);
  }
}

/**
 * Starts the mesh with one sidecar an instance. Says which rules are not applied here.
 *
 * @throws InvalidRulesError naming file, line and field when a manifest is not valid
 */
export async function openMesh(options: LaptopMeshOptions): Promise<LaptopMesh> {
  const { instances, socketOf, stateDir, port, keysAt, onNews } = options;
  const isEdge = ({ manifest }: Instance): boolean => manifest.httpPort !== undefined;
  const mesh = await startMesh({
    manifests,
    namespace,
    stateDir,
    ...(instances.some(isEdge) ? { ingress: { port } } : {}),
    addresses: { [`user.${namespace}.svc.cluster.local:9090`]: keysAt },
    onEvent: (event) => {
      const news = told(event);
      if (news !== undefined) onNews(news);
    },
  });
  const sidecars = new Map<Instance, { readonly name: string; readonly proxyUrl: string }>();
  try {
    for (const instance of instances) {
      const { service, version, manifest } = instance;
      const inbound = manifest.contract === undefined && !isEdge(instance) ? false : socketOf(instance);
      const sidecar = await mesh.addWorkload({ service, version, inbound });
      mesh.setReady(sidecar.name, false);
      sidecars.set(instance, sidecar);
    }
  } catch (error) {
    await mesh.close();
    throw error;
  }
  const missing = shortfalls(mesh.rules);
  if (missing.length > 0) {
    const absent = missing.filter(({ status }) => status === 'not applied').length;
    onNews(
      `${absent} fields of rules are not applied here, ${missing.length - absent} approximated; npm run mesh -- explain says which and why`,
    );
  }
  return {
    proxyFor: (instance) => sidecars.get(instance)?.proxyUrl ?? '',
    setReady: (instance, ready) => {
      const sidecar = sidecars.get(instance);
      if (sidecar !== undefined) mesh.setReady(sidecar.name, ready);
      // Tokens can be verified from the moment on when their keys can be read, not at the next look.
      if (ready && instance.service === 'user') mesh.refreshKeys();
    },
    drainIngress: () => mesh.ingress?.drain(),
    metricsPort: mesh.metricsPort,
    close: () => mesh.close(),
  };
}
