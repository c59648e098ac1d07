// One workload's sidecar: identity, tunnel, outbound and inbound side, under the rules of the moment.

import { peerRequirement, type RuleSet, spiffeId, type Workload } from '../../rules/index.ts';
import type { Directory, InstanceAddress } from '../clusters/directory.ts';
import type { SessionLinks } from '../clusters/session-links.ts';
import type { CertificateAuthority } from '../identity/certificate-authority.ts';
import { WorkloadIdentity } from '../identity/workload-identity.ts';
import { CallTelemetry, type TelemetrySinks } from '../telemetry/call-telemetry.ts';
import { telemetrySettings } from '../telemetry/telemetry-settings.ts';
import type { TunnelListener } from '../tunnel/tunnel-listener.ts';
import type { RemoteKeys } from './gatekeeper.ts';
import { InboundSide, type ServiceProtocol } from './inbound-side.ts';
import { OutboundSide } from './outbound-side.ts';

export interface SidecarParts {
  readonly directory: Directory;
  readonly authority: CertificateAuthority;
  readonly tunnels: TunnelListener;
  readonly links: SessionLinks | undefined;
  readonly sinks: TelemetrySinks;
  readonly remoteKeys: RemoteKeys;
  readonly onError: (error: unknown) => void;
}

export interface SidecarOptions {
  /** Unique in the mesh; also the name in the tunnel's URL. */
  readonly name: string;
  readonly workload: Workload;
  /** Where the service listens; absent for one that only calls. */
  readonly target?: string;
  /** What it speaks there. */
  readonly protocol: ServiceProtocol;
  readonly port: number;
  /** Path of the socket on which the mesh's other sidecars come in. */
  readonly near: string;
}

export class Sidecar {
  readonly name: string;
  readonly workload: Workload;
  readonly identity: WorkloadIdentity;
  readonly outbound: OutboundSide;
  readonly inbound: InboundSide | undefined;
  readonly telemetry: CallTelemetry;
  readonly port: number;
  /** For the service's `grpc_proxy`. */
  proxyUrl = '';
  address: InstanceAddress | undefined;
  readonly #parts: SidecarParts;

  private constructor(rules: RuleSet, options: SidecarOptions, parts: SidecarParts, identity: WorkloadIdentity) {
    const { workload, target, port, protocol } = options;
    this.name = options.name;
    this.workload = workload;
    this.port = port;
    this.identity = identity;
    this.#parts = parts;
    this.telemetry = new CallTelemetry(workload, parts.sinks);
    const { links, onError } = parts;
    const common = { workload, identity, links, telemetry: this.telemetry, onError };
    this.outbound = new OutboundSide(rules, { ...common, directory: parts.directory, gateways: () => ['mesh'] });
    const { trustDomain } = parts.sinks;
    this.inbound =
      target === undefined
        ? undefined
        : new InboundSide(rules, { ...common, target, protocol, port, trustDomain, remoteKeys: parts.remoteKeys });
    this.telemetry.settings = telemetrySettings(rules, workload);
  }

  static async start(rules: RuleSet, options: SidecarOptions, parts: SidecarParts): Promise<Sidecar> {
    const { namespace, serviceAccount } = options.workload;
    const id = spiffeId(parts.sinks.trustDomain, namespace, serviceAccount);
    const sidecar = new Sidecar(rules, options, parts, await WorkloadIdentity.create(parts.authority, id));
    sidecar.proxyUrl = parts.tunnels.issueUrl(options.name, sidecar.outbound);
    const listening = await sidecar.inbound?.listen(options.near);
    sidecar.address = listening?.address;
    if (listening !== undefined)
      parts.directory.add({
        id: options.name,
        workload: options.workload,
        spiffeId: id,
        address: listening.near,
        plaintext: () => sidecar.inbound?.plaintextOnly === true,
      });
    return sidecar;
  }

  setRules(rules: RuleSet): void {
    this.outbound.setRules(rules);
    this.inbound?.setRules(rules);
    this.telemetry.settings = telemetrySettings(rules, this.workload);
  }

  mode(rules: RuleSet): string {
    return peerRequirement(rules, this.workload, this.port).mode;
  }

  /** New calls go elsewhere at once; those that run may end. */
  async stop(graceMs: number): Promise<void> {
    this.#parts.tunnels.tokens.revoke(this.name);
    this.#parts.directory.remove(this.name);
    await this.inbound?.drain(graceMs);
    this.close();
  }

  close(): void {
    this.#parts.tunnels.tokens.revoke(this.name);
    this.#parts.directory.remove(this.name);
    this.inbound?.close();
    this.outbound.close();
    this.identity.close();
  }
}
