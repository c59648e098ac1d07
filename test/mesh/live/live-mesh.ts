// A mesh with running services for tests: manifests as text, echo services on their private sockets, clients behind sidecars.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { MeshWorkload } from '../../../mesh/proxy/mesh.ts';
import type { MeshEvent, WorkloadSpec } from '../../../mesh/proxy/mesh-options.ts';
import { type RunningMesh, startMesh } from '../../../mesh/start-mesh.ts';
import { openTunnel } from '../../../mesh/testing/open-tunnel.ts';
import { EchoClient } from './echo-client.ts';
import { type EchoService, startEcho } from './echo-service.ts';

export interface LiveMeshOptions {
  readonly manifests: readonly string[];
  /** @default checkout (v1), payment (v1, v2), catalog (v1) */
  readonly workloads?: readonly WorkloadSpec[];
  readonly ingress?: boolean;
  readonly certificateLifetimeMs?: number;
  readonly otlpTracesUrl?: string;
  readonly linkSessions?: boolean;
}

export const SHOP_WORKLOADS: readonly WorkloadSpec[] = [
  { service: 'checkout' },
  { service: 'payment', version: 'v1' },
  { service: 'payment', version: 'v2' },
  { service: 'catalog' },
];

export class LiveMesh {
  readonly mesh: RunningMesh;
  readonly folder: string;
  readonly manifest: string;
  readonly events: MeshEvent[];
  readonly services = new Map<string, EchoService>();
  readonly workloads = new Map<string, MeshWorkload>();
  readonly #clients: EchoClient[] = [];

  private constructor(mesh: RunningMesh, folder: string, events: MeshEvent[]) {
    this.mesh = mesh;
    this.folder = folder;
    this.manifest = join(folder, 'manifests', 'rules.yaml');
    this.events = events;
  }

  static async start(options: LiveMeshOptions): Promise<LiveMesh> {
    const folder = await mkdtemp(join(tmpdir(), 'mesh-'));
    const manifests = join(folder, 'manifests');
    await mkdir(manifests);
    await writeFile(join(manifests, 'rules.yaml'), options.manifests.join('\n---\n'));
    const events: MeshEvent[] = [];
    const mesh = await startMesh({
      manifests,
      namespace: 'shop',
      stateDir: join(folder, 'state'),
      onEvent: (event) => void events.push(event),
      ...(options.ingress === true ? { ingress: {} } : {}),
      ...(options.certificateLifetimeMs === undefined ? {} : { certificateLifetimeMs: options.certificateLifetimeMs }),
      ...(options.linkSessions === undefined ? {} : { linkSessions: options.linkSessions }),
      ...(options.otlpTracesUrl === undefined ? {} : { otlpTracesUrl: options.otlpTracesUrl }),
    });
    const live = new LiveMesh(mesh, folder, events);
    for (const spec of options.workloads ?? SHOP_WORKLOADS) await live.add(spec);
    return live;
  }

  /** A workload with an echo service in it. */
  async add(spec: WorkloadSpec): Promise<MeshWorkload> {
    const workload = await this.mesh.addWorkload(spec);
    this.workloads.set(workload.name, workload);
    if (workload.listen !== undefined)
      this.services.set(workload.name, await startEcho(workload.name, workload.listen));
    return workload;
  }

  service(name: string): EchoService {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`no service ${name}`);
    return service;
  }

  workload(name: string): MeshWorkload {
    const workload = this.workloads.get(name);
    if (workload === undefined) throw new Error(`no workload ${name}`);
    return workload;
  }

  /** A client in the place of a workload. */
  client(
    from: string,
    to = 'payment.shop.svc.cluster.local:50051',
    options: Readonly<Record<string, string | number>> = {},
  ): EchoClient {
    const client = new EchoClient(to, this.workload(from).proxyUrl, options);
    this.#clients.push(client);
    return client;
  }

  /** For a client of this repository's transport in the place of a workload. */
  tunnel(from: string, to: string): () => Promise<Duplex> {
    return () => openTunnel(new URL(this.workload(from).proxyUrl), to);
  }

  /** New manifests, in force when this resolves. */
  async rules(...documents: readonly string[]): Promise<void> {
    await writeFile(this.manifest, documents.join('\n---\n'));
    await this.mesh.reload();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const service of this.services.values()) service.kill();
    await this.mesh.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
