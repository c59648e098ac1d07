// The running instances of the mesh: who stands behind a service right now, and how its sidecar is reached.
// Each change raises the revision; clusters look at it before they choose, so nothing has to be told around.

import { belongsTo, type Cluster, type Workload } from '../../rules/index.ts';

export type InstanceAddress = { readonly host: string; readonly port: number } | { readonly path: string };

export interface Instance {
  readonly id: string;
  readonly workload: Workload;
  /** Absent for an endpoint outside the mesh: it is called in plaintext. */
  readonly spiffeId?: string;
  readonly address: InstanceAddress;
  /** Its PeerAuthentication says DISABLE now: it has a sidecar, which takes plaintext alone. */
  readonly plaintext?: () => boolean;
}

export class Directory {
  revision = 0;
  readonly #instances = new Map<string, Instance>();
  readonly #unready = new Set<string>();

  add(instance: Instance): void {
    this.#instances.set(instance.id, instance);
    this.revision++;
  }

  remove(id: string): void {
    this.#instances.delete(id);
    this.#unready.delete(id);
    this.revision++;
  }

  /** An instance that is not ready gets no new calls, as a pod that leaves the endpoints of its service. */
  setReady(id: string, ready: boolean): void {
    const changed = ready ? this.#unready.delete(id) : !this.#unready.has(id) && this.#unready.add(id) !== undefined;
    if (changed) this.revision++;
  }

  get(id: string): Instance | undefined {
    return this.#instances.get(id);
  }

  all(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  isReady(id: string): boolean {
    return this.#instances.has(id) && !this.#unready.has(id);
  }

  behind(cluster: Cluster): readonly Instance[] {
    const found = this.all().filter((each) => !this.#unready.has(each.id) && belongsTo(cluster, each.workload));
    if (found.length > 0 || cluster.service === undefined) return found;
    return cluster.service.endpoints.map((endpoint) => {
      const port = cluster.service?.ports.find((each) => each.number === cluster.port);
      const number = (port === undefined ? undefined : endpoint.ports.get(port.name)) ?? cluster.port;
      return {
        id: `${endpoint.address}:${number}`,
        workload: { name: cluster.host, namespace: '', serviceAccount: '', labels: endpoint.labels },
        address: { host: endpoint.address, port: number },
      };
    });
  }
}
