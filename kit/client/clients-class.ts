// All clients of a service, for exactly the calls that its manifest declares, as one class made at start.
// A service is always dialled by its Kubernetes DNS name; on a laptop the mesh's proxy answers for the name.
import type { CallScope } from '../calls/call-scope.ts';
import { loadContract } from '../contract/contract.ts';
import type { ContractSource } from '../contract/contract-source.ts';
import type { HealthStatus } from '../edge.ts';
import type { CallDeclarations } from '../manifest.ts';
import type { ClientParts } from './calls/outgoing-call.ts';
import { clientClass } from './client-class.ts';
import type { ClientChannel, OpenChannel } from './client-transport.ts';
import { healthCheck } from './health-check.ts';

/** Makes a service's clients for one scope. */
export type ClientsClass = new (scope: CallScope) => object;

/** Options of {@link clientsClass}. */
export interface ClientsOptions extends Omit<ClientParts, 'channel'> {
  readonly openChannel: OpenChannel;
  readonly calls: CallDeclarations;
  readonly userAgent: string;
  /** Kubernetes namespace and DNS domain of the called services. */
  readonly namespace: string;
  readonly domain: string;
  /** Addresses in place of DNS names, by service, for tests; they are dialled without a proxy. @default {} */
  readonly endpoints?: Readonly<Record<string, string>> | undefined;
  /** Value of `grpc_proxy`, for transports that do not read it by themselves. @default - no proxy */
  readonly proxyUrl?: string | undefined;
  readonly contracts: ContractSource;
}

/** Port on which every service is dialled. */
const port = 50051;

/** What {@link clientsClass} makes. */
export interface MadeClients {
  readonly Clients: ClientsClass;
  /** Asks a called service for its health. */
  health(service: string, signal: AbortSignal): Promise<HealthStatus>;
  /** Closes all connections. */
  close(): void;
}

/** Makes the class. */
export function clientsClass(options: ClientsOptions): MadeClients {
  const { calls, endpoints = {}, openChannel, userAgent, namespace, domain, proxyUrl, contracts, ...shared } = options;
  const channels: ClientChannel[] = [];
  const checks = new Map<string, (signal: AbortSignal) => Promise<HealthStatus>>();

  class Clients {
    readonly #scope: CallScope;
    readonly #made = new Map<string, object>();

    constructor(scope: CallScope) {
      this.#scope = scope;
    }

    static client(clients: Clients, name: string, make: new (scope: CallScope) => object): object {
      let client = clients.#made.get(name);
      if (client === undefined) {
        client = new make(clients.#scope);
        clients.#made.set(name, client);
      }
      return client;
    }
  }

  for (const [name, { contract, methods }] of Object.entries(calls)) {
    const endpoint = endpoints[name];
    const target = endpoint ?? `${name}.${namespace}.svc.${domain}:${port}`;
    // Without grpc_proxy, grpc-js would turn to http_proxy, which is for other traffic.
    const proxy = endpoint === undefined && proxyUrl !== undefined;
    const channel = openChannel(target, { userAgent, proxy, proxyUrl });
    channels.push(channel);
    const Client = clientClass(loadContract(contract, contracts), methods, { ...shared, channel });
    let check: ReturnType<typeof healthCheck> | undefined;
    checks.set(name, (signal) => {
      check ??= healthCheck(contract, { ...shared, channel });
      return check(signal);
    });
    Object.defineProperty(Clients.prototype, name, {
      get(this: Clients) {
        return Clients.client(this, name, Client);
      },
      enumerable: true,
    });
  }
  return {
    Clients,
    health: async (service, signal) => (await checks.get(service)?.(signal)) ?? 'UNREACHABLE',
    close: () => {
      for (const channel of channels) channel.close();
    },
  };
}
