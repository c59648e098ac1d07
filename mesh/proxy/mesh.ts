// The mesh in one process: rules, certificates, and a sidecar for every workload. Each workload has its own identity,
// certificate, tunnel and inbound listener; what they share is the process, which is what keeps a laptop's memory small.

import { chmod, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fetchWithAddresses, RemoteKeyStore } from '../control/remote-keys.ts';
import { type ReloadResult, RuleStore } from '../control/rule-store.ts';
import type { DeclaredWorkload, RuleSet, Workload } from '../rules/index.ts';
import { Directory } from './clusters/directory.ts';
import { SessionLinks } from './clusters/session-links.ts';
import { CertificateAuthority } from './identity/certificate-authority.ts';
import { Ingress } from './ingress/ingress.ts';
import type { MeshOptions, WorkloadSpec } from './mesh-options.ts';
import { Sidecar, type SidecarParts } from './sidecar/sidecar.ts';
import { AccessLog } from './telemetry/access-log.ts';
import { disabledMetrics } from './telemetry/disabled-metrics.ts';
import { SpanExporter } from './telemetry/span-exporter.ts';
import { StandardMetrics } from './telemetry/standard-metrics.ts';
import { TunnelListener } from './tunnel/tunnel-listener.ts';

/** How often ejected instances are looked at. Each cluster acts at its own interval. */
const SWEEP_MS = 100;
/** Longest path of a unix socket (sun_path), less the terminating zero; macOS has 104. */
const LONGEST_SOCKET_PATH = 103;

/** One running workload, as the launcher sees it. */
export interface MeshWorkload {
  readonly name: string;
  /** For the service's environment: `grpc_proxy`. */
  readonly proxyUrl: string;
  /** Where the service has to listen: `unix:/path` or `host:port`; absent for one that only calls. */
  readonly listen: string | undefined;
  /** Where its sidecar listens for other sidecars. */
  readonly inbound: Sidecar['address'];
  readonly spiffeId: string;
}

export class Mesh {
  readonly stateDir: string;
  readonly store: RuleStore;
  readonly authority: CertificateAuthority;
  readonly directory = new Directory();
  readonly metrics = new StandardMetrics();
  readonly sidecars = new Map<string, Sidecar>();
  readonly accessLog: AccessLog;
  ingress: Ingress | undefined;
  tunnelPort = 0;
  readonly #options: MeshOptions;
  readonly #namespace: string;
  readonly #tunnels = new TunnelListener();
  readonly #links: SessionLinks | undefined;
  readonly #keys: RemoteKeyStore;
  readonly #spans: SpanExporter | undefined;
  readonly #closers: (() => void | Promise<void>)[] = [];
  #sweeper: NodeJS.Timeout | undefined;

  private constructor(options: MeshOptions, store: RuleStore, authority: CertificateAuthority) {
    this.#options = options;
    this.#namespace = options.namespace ?? 'default';
    this.stateDir = resolve(options.stateDir);
    this.store = store;
    this.authority = authority;
    this.#links = options.linkSessions === false ? undefined : new SessionLinks();
    this.#keys = new RemoteKeyStore(fetchWithAddresses(options.addresses ?? {}));
    this.accessLog = new AccessLog(join(this.stateDir, 'access.log'));
    this.#spans = options.otlpTracesUrl === undefined ? undefined : new SpanExporter(options.otlpTracesUrl);
  }

  static async start(options: MeshOptions): Promise<Mesh> {
    const sources = typeof options.manifests === 'string' ? [options.manifests] : options.manifests;
    const store = await RuleStore.open(sources, options.namespace);
    const lifetime = options.certificateLifetimeMs === undefined ? {} : { lifetimeMs: options.certificateLifetimeMs };
    const authority = await CertificateAuthority.create({
      trustDomain: options.trustDomain ?? store.rules.mesh.trustDomain,
      ...lifetime,
    });
    const mesh = new Mesh(options, store, authority);
    try {
      await mesh.#begin();
    } catch (error) {
      await mesh.close();
      throw error;
    }
    return mesh;
  }

  get rules(): RuleSet {
    return this.store.rules;
  }

  async #begin(): Promise<void> {
    await mkdir(join(this.stateDir, 'sockets'), { recursive: true });
    await chmod(this.stateDir, 0o700);
    await chmod(join(this.stateDir, 'sockets'), 0o700);
    this.tunnelPort = await this.#tunnels.listen(this.#options.tunnelPort);
    this.#keys.follow(this.rules);
    this.metrics.disabled = disabledMetrics(this.rules);
    this.store.follow((rules) => this.#setRules(rules));
    for (const spec of this.#options.workloads ?? []) await this.addWorkload(spec);
    if (this.#options.ingress !== undefined)
      this.ingress = await Ingress.start(this.rules, this.#options.ingress, this.#parts());
    if (this.#options.watch !== false) this.store.watch((result) => this.#reloaded(result));
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** A service that starts: its sidecar is ready when this resolves. */
  async addWorkload(spec: WorkloadSpec): Promise<MeshWorkload> {
    const name = this.#freeName(spec);
    const workload = this.#workload(spec, name);
    const listen = await this.#listenTarget(spec, name);
    const sidecar = await Sidecar.start(
      this.rules,
      {
        name,
        workload,
        near: this.#socketPath(`${name}.in`),
        protocol: spec.protocol ?? this.#protocol(spec),
        port: spec.port ?? this.#port(spec),
        ...(listen === undefined ? {} : { target: listen }),
      },
      this.#parts(),
    );
    this.sidecars.set(name, sidecar);
    return { name, proxyUrl: sidecar.proxyUrl, listen, inbound: sidecar.address, spiffeId: sidecar.identity.spiffeId };
  }

  /** A service that stops: no new calls at once; resolves when those that run have ended, or after the grace. */
  async removeWorkload(name: string, graceMs = 30_000): Promise<void> {
    const sidecar = this.sidecars.get(name);
    if (sidecar === undefined) return;
    this.sidecars.delete(name);
    await sidecar.stop(graceMs);
  }

  /** An instance that is not ready gets no new calls. */
  setReady(name: string, ready: boolean): void {
    this.directory.setReady(name, ready);
  }

  /** New certificates for everyone, and with `root` a new root, which the old one's certificates outlive until all are renewed. */
  async rotateCertificates(options: { readonly root?: boolean } = {}): Promise<void> {
    if (options.root === true) await this.authority.rotateRoot();
    const identities = [...this.sidecars.values()].map((each) => each.identity);
    if (this.ingress !== undefined) identities.push(this.ingress.identity);
    // Twice for a new root: first everyone trusts it, then everyone shows it.
    await Promise.all(identities.map((each) => each.renew()));
  }

  /** Fetches key sets that are not there yet, now: who serves them has just become ready. */
  refreshKeys(): void {
    this.#keys.refresh();
  }

  async reload(): Promise<ReloadResult> {
    const result = await this.store.reload();
    this.#reloaded(result);
    return result;
  }

  onClose(closer: () => void | Promise<void>): void {
    this.#closers.push(closer);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.store.close();
    this.#keys.close();
    this.ingress?.close();
    for (const sidecar of this.sidecars.values()) sidecar.close();
    this.sidecars.clear();
    this.#tunnels.close();
    for (const closer of this.#closers) await closer();
    await Promise.all([this.accessLog.flush(), this.#spans?.flush()]);
  }

  #parts(): SidecarParts {
    return {
      directory: this.directory,
      authority: this.authority,
      tunnels: this.#tunnels,
      links: this.#links,
      remoteKeys: this.#keys.get,
      onError: (error) => this.#options.onEvent?.({ kind: 'error', error }),
      sinks: {
        metrics: this.metrics,
        accessLog: this.accessLog,
        spans: this.#spans,
        trustDomain: this.authority.trustDomain,
      },
    };
  }

  #setRules(rules: RuleSet): void {
    this.metrics.disabled = disabledMetrics(rules);
    this.#keys.follow(rules);
    for (const sidecar of this.sidecars.values()) sidecar.setRules(rules);
    this.ingress?.setRules(rules);
  }

  #reloaded(result: ReloadResult): void {
    if (result.refused.length > 0) this.#options.onEvent?.({ kind: 'refused', problems: result.refused });
    else if (result.changed) this.#options.onEvent?.({ kind: 'reloaded', version: result.version });
  }

  #sweep(): void {
    const now = performance.now();
    for (const sidecar of this.sidecars.values()) sidecar.outbound.sweep(now);
    this.ingress?.outbound.sweep(now);
  }

  #freeName({ name, service, version = 'v1' }: WorkloadSpec): string {
    const wanted = name ?? `${service}-${version}`;
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(wanted))
      throw new Error(
        `${JSON.stringify(wanted)} is no name for a workload: use lower-case letters, digits, "-" and "."`,
      );
    if (!this.sidecars.has(wanted)) return wanted;
    if (name !== undefined) throw new Error(`the mesh has a workload ${name} already`);
    let number = 2;
    while (this.sidecars.has(`${wanted}-${number}`)) number++;
    return `${wanted}-${number}`;
  }

  /** The manifests' Deployment of a workload, found by name or by its labels. */
  #declared({ service, version = 'v1', namespace = this.#namespace }: WorkloadSpec): DeclaredWorkload | undefined {
    const near = this.rules.workloads.filter((each) => each.namespace === namespace);
    return (
      near.find((each) => each.labels.get('app') === service && each.labels.get('version') === version) ??
      near.find(
        (each) =>
          [service, `${service}-${version}`].includes(each.name) && (each.labels.get('version') ?? version) === version,
      )
    );
  }

  /** Labels and account: what the spec says, over what the manifests' Deployment says, over the usual. */
  #workload(spec: WorkloadSpec, name: string): Workload {
    const { service, version = 'v1', namespace = this.#namespace } = spec;
    const declared = this.#declared(spec);
    const selector = declared === undefined && spec.labels === undefined ? this.#service(spec)?.selector : undefined;
    const labels = new Map<string, string>([
      ['app', service],
      ['version', version],
      ...(selector ?? []),
      ...(declared?.labels ?? []),
      ...Object.entries(spec.labels ?? {}),
    ]);
    const serviceAccount = spec.serviceAccount ?? declared?.serviceAccount ?? service;
    return { name: declared?.name ?? name, namespace, serviceAccount, labels };
  }

  #service({ service, namespace }: WorkloadSpec) {
    return this.rules.registry.get(`${service}.${namespace ?? this.#namespace}.svc.cluster.local`);
  }

  /** The Service's target port; a named one is looked up among the container's ports. */
  #port(spec: WorkloadSpec): number {
    const port = this.#service(spec)?.ports[0];
    const target = port?.targetPort;
    if (typeof target === 'number') return target;
    const named = target === undefined ? undefined : this.#declared(spec)?.ports.get(target);
    return named ?? port?.number ?? 50_051;
  }

  /** Istio's protocol selection: `appProtocol`, else the prefix of the port's name. */
  #protocol(spec: WorkloadSpec): 'http1' | 'http2' {
    const port = this.#service(spec)?.ports[0];
    return (port?.appProtocol ?? port?.name.split('-')[0]) === 'http' ? 'http1' : 'http2';
  }

  #socketPath(name: string): string {
    const path = join(this.stateDir, 'sockets', `${name}.sock`);
    if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
    throw new Error(
      `the path of the socket is longer than ${LONGEST_SOCKET_PATH} octets: ${path}. Choose a shorter state folder.`,
    );
  }

  async #listenTarget({ inbound }: WorkloadSpec, name: string): Promise<string | undefined> {
    if (inbound === false) return undefined;
    if (inbound !== undefined) return inbound.startsWith('/') ? `unix:${inbound}` : inbound;
    const path = this.#socketPath(name);
    await rm(path, { force: true });
    return `unix:${path}`;
  }
}
