// What a mesh is started with: see `startMesh`.

import type { Problem } from '../rules/index.ts';
import type { Http1Limits } from './http1/client/http1-listener.ts';

export interface WorkloadSpec {
  /** The Kubernetes service that it stands behind. */
  readonly service: string;
  /** The label `version`, which subsets select by. @default v1 */
  readonly version?: string;
  /** Unique name of the instance. @default `service-version`, with a number where that is taken */
  readonly name?: string;
  /** @default the mesh's namespace */
  readonly namespace?: string;
  /** @default what the manifests' Deployment says, else the service's name */
  readonly serviceAccount?: string;
  /** More labels. @default what the manifests' Deployment says, else `app` and `version` */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Where the service listens: the path of a unix socket in a folder that only its user can enter, or `host:port` of this
   * machine. @default `STATE/sockets/NAME.sock`; `false` for a workload that only calls
   */
  readonly inbound?: string | false;
  /** What it speaks there. @default what the Service's `appProtocol` or the name of its port says, else HTTP/2 */
  readonly protocol?: 'http1' | 'http2';
  /** The workload's port as rules name it. @default the Service's target port, else 50051 */
  readonly port?: number;
}

export interface IngressOptions {
  /** 0 is any free port. @default 0 */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Bounds on requests of HTTP/1.1. @default see `HTTP1_LIMITS` */
  readonly limits?: Partial<Http1Limits>;
}

export interface MeshOptions {
  /** Folders or files of manifests. */
  readonly manifests: string | readonly string[];
  /** Namespace of workloads and of objects that name none. @default default */
  readonly namespace?: string;
  /** A folder of the mesh's own; made with mode 0700. */
  readonly stateDir: string;
  readonly workloads?: readonly WorkloadSpec[];
  /** @default the manifests' MeshConfig, else cluster.local */
  readonly trustDomain?: string;
  /** Port for tunnels. @default 0, any free port */
  readonly tunnelPort?: number;
  /** Port of the Prometheus endpoint on the loopback interface. @default 0, any free port */
  readonly metricsPort?: number;
  /** A listener that stands for Istio's ingress gateway. @default none */
  readonly ingress?: IngressOptions;
  /** Reload rules when a manifest changes. @default true */
  readonly watch?: boolean;
  /** Where spans go, OTLP over HTTP. @default no spans */
  readonly otlpTracesUrl?: string;
  /**
   * Where names of the cluster are on this machine, for what the mesh itself fetches (`jwksUri`):
   * `{ 'user.fairlead.svc.cluster.local:9090': '127.0.0.1:41000' }`. @default none
   */
  readonly addresses?: Readonly<Record<string, string>>;
  /**
   * Streams between two sidecars of this process go over their mTLS session by reference, once its handshake has proven
   * both identities; `false` writes, encrypts and reads every octet. @default true
   */
  readonly linkSessions?: boolean;
  /** Lifetime of workload certificates in milliseconds. @default 86400000 */
  readonly certificateLifetimeMs?: number;
  /** Told what happens: reloads, refusals, errors. @default nobody */
  readonly onEvent?: (event: MeshEvent) => void;
}

export type MeshEvent =
  | { readonly kind: 'reloaded'; readonly version: string }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  | { readonly kind: 'error'; readonly error: unknown };
