// One cluster as one sidecar sees it: its instances, its balancer, its limits and its outlier detection.
// Rules may change under it; what does not change keeps its state, so that a reload forgets no ejection.

import { connect } from '#transport';
import {
  type Balancer,
  Circuit,
  type Cluster,
  createBalancer,
  OutlierDetector,
  selectable,
} from '../../rules/index.ts';
import type { WorkloadIdentity } from '../identity/workload-identity.ts';
import { RECONNECT, SIDECAR_LIMITS } from './connection-settings.ts';
import type { Directory, Instance } from './directory.ts';
import { openSidecarSocket } from './open-sidecar-socket.ts';
import { Pool } from './pool.ts';
import type { SessionLinks } from './session-links.ts';

/** What the clusters of one sidecar share. */
export interface ClusterParts {
  readonly identity: WorkloadIdentity;
  readonly directory: Directory;
  /** Undefined: every octet goes over the wire. */
  readonly links: SessionLinks | undefined;
}

export class ClusterRuntime {
  cluster: Cluster;
  readonly circuit: Circuit;
  detector: OutlierDetector | undefined;
  readonly #identity: WorkloadIdentity;
  readonly #directory: Directory;
  readonly #links: SessionLinks | undefined;
  readonly #pools = new Map<string, Pool>();
  #balancer: Balancer;
  #members: readonly Pool[] = [];
  #seen = -1;

  constructor(cluster: Cluster, { identity, directory, links }: ClusterParts) {
    this.cluster = cluster;
    this.#identity = identity;
    this.#directory = directory;
    this.#links = links;
    this.circuit = new Circuit(cluster.policy.limits);
    this.#balancer = createBalancer(cluster.policy.balancer, Math.random());
    this.detector = cluster.policy.outlier === undefined ? undefined : new OutlierDetector(cluster.policy.outlier);
  }

  /** New rules for the same cluster. */
  update(cluster: Cluster): void {
    if (cluster === this.cluster) return;
    const before = this.cluster.policy;
    const after = cluster.policy;
    this.cluster = cluster;
    this.circuit.limits = after.limits;
    if (JSON.stringify(before.balancer) !== JSON.stringify(after.balancer))
      this.#balancer = createBalancer(after.balancer, Math.random());
    if (JSON.stringify(before.outlier) !== JSON.stringify(after.outlier))
      this.detector = after.outlier === undefined ? undefined : new OutlierDetector(after.outlier);
    if (before.tlsMode !== after.tlsMode) this.#dropPools();
    this.#seen = -1;
  }

  /** The instances that may be chosen now. */
  members(): readonly Pool[] {
    if (this.#seen !== this.#directory.revision) this.#refresh();
    return selectable(this.#members, this.detector);
  }

  pick(hashKey: string | undefined, tried: ReadonlySet<string> | undefined): Pool | undefined {
    const candidates = this.members();
    if (candidates.length <= 1) return candidates[0];
    return this.#balancer.pick(candidates, {
      random: Math.random,
      ...(hashKey === undefined ? {} : { hashKey }),
      ...(tried === undefined ? {} : { tried }),
    });
  }

  /** Certificates were renewed: new connections first, then the old ones end. */
  reconnect(): void {
    for (const [id, pool] of this.#pools) {
      const instance = this.#directory.get(id);
      if (instance !== undefined && this.#expected(instance).length > 0)
        void pool.replace(this.#connect(instance)).catch(() => {});
    }
  }

  #sweptAt = 0;

  /** Called often; acts once an interval of the outlier detection. */
  sweep(nowMs: number): void {
    if (this.detector === undefined || nowMs - this.#sweptAt < this.detector.policy.intervalMs) return;
    this.#sweptAt = nowMs;
    this.detector.sweep(nowMs);
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.client.close();
    this.#pools.clear();
    this.#members = [];
  }

  #refresh(): void {
    this.#seen = this.#directory.revision;
    const instances = this.#directory.behind(this.cluster);
    const wanted = new Set(instances.map((each) => each.id));
    for (const [id, pool] of this.#pools) {
      if (wanted.has(id)) continue;
      pool.client.drain();
      this.#pools.delete(id);
    }
    this.#members = instances.map((instance) => {
      const pool = this.#pools.get(instance.id) ?? new Pool(instance.id, this.#connect(instance), instance);
      this.#pools.set(instance.id, pool);
      const { limits } = this.cluster.policy;
      pool.maxRequestsPerConnection = limits.maxRequestsPerConnection;
      pool.maxConcurrentStreams = limits.maxConcurrentStreams;
      pool.maxConnectionDurationMs = limits.maxConnectionDurationMs;
      return pool;
    });
    this.detector?.setHosts(wanted);
  }

  #dropPools(): void {
    for (const pool of this.#pools.values()) pool.client.drain();
    this.#pools.clear();
  }

  /** Automatic mTLS: wherever the other side has a sidecar that takes it, unless the rule says DISABLE. */
  #expected(instance: Instance): readonly string[] {
    if (instance.spiffeId === undefined || this.cluster.policy.tlsMode === 'DISABLE') return [];
    if (this.cluster.policy.tlsMode === undefined && instance.plaintext?.() === true) return [];
    const named = this.cluster.policy.subjectAltNames;
    return named.length > 0 ? named : [instance.spiffeId];
  }

  /** The rule asks for TLS of its own to a host outside the mesh. */
  #external(instance: Instance): { readonly external?: { readonly host: string } } {
    const mode = this.cluster.policy.tlsMode;
    return instance.spiffeId === undefined && (mode === 'SIMPLE' || mode === 'MUTUAL')
      ? { external: { host: this.cluster.host } }
      : {};
  }

  #connect(instance: Instance) {
    const { limits } = this.cluster.policy;
    return connect({
      ...SIDECAR_LIMITS,
      ...RECONNECT,
      target: (signal) =>
        openSidecarSocket(
          {
            address: instance.address,
            identity: this.#identity,
            expected: this.#expected(instance),
            ...this.#external(instance),
          },
          signal,
        ),
      // Envoy opens another connection when one is full or retired; what bounds the calls is the circuit.
      maxConnections: limits.maxRequestsPerConnection > 0 || limits.maxConcurrentStreams > 0 ? 1024 : 8,
      connectTimeout: limits.connectTimeoutMs,
      idleTimeout: limits.idleTimeoutMs,
      onReady: (connection) => this.#links?.join(connection),
    });
  }
}
