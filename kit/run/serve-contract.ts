// The gRPC side of a running service: its contract and health on one server, and whether it is fit to serve.

import { loadContract } from '../contract/contract.ts';
import type { ContractSource } from '../contract/contract-source.ts';
import { translateDatabaseError } from '../database/database-error.ts';
import { toRpcError } from '../errors/to-rpc-error.ts';
import type { Identity } from '../identity/identity.ts';
import { servicePeers } from '../identity/service-peer.ts';
import type { CallFacts } from '../server/call-run.ts';
import { Health } from '../server/health.ts';
import { defaultLimits } from '../server/limits.ts';
import { reflectionMethods } from '../server/reflection.ts';
import { RpcServer } from '../server/rpc-server.ts';
import { type AnyHandler, type ServedMethod, serveMethod } from '../server/served-method.ts';
import type { CreateServerTransport } from '../server/server-transport.ts';
import type { Service } from '../service.ts';
import { validatorOf } from '../validation/validator.ts';
import type { KitParts } from './kit-parts.ts';

/** Options of {@link serveContract}. */
export interface ServeContractOptions {
  readonly parts: KitParts;
  readonly service: Service;
  readonly contracts: ContractSource;
  readonly identity: Identity;
  readonly context: (facts: CallFacts) => object;
  readonly createTransport: CreateServerTransport;
}

/** The serving side of a service. */
export interface Serving {
  /** @returns the address; empty when the service has no contract */
  listen(): Promise<string>;
  /** From now on health says SERVING, as long as the database is there. */
  start(): void;
  ready(): boolean;
  /** From now on health says NOT_SERVING; calls are still answered. */
  notServing(): void;
  /** Drains. */
  stop(): Promise<void>;
}

function servedMethods({ service, contracts }: ServeContractOptions): ServedMethod[] {
  const { manifest } = service;
  if (manifest.contract === undefined) return [];
  const handlers = service.handlers as Readonly<Record<string, AnyHandler | undefined>>;
  return loadContract(manifest.contract, contracts).methods.map((contract) => {
    const handler = handlers[contract.handlerName];
    if (handler === undefined) {
      throw new Error(`service '${manifest.name}' has no handler '${contract.handlerName}' for ${contract.path}`);
    }
    return serveMethod(contract, handler.bind(handlers), {
      limits: manifest.limits?.[contract.rpc],
      validate: validatorOf(contract.requestType, contracts),
    });
  });
}

function reflection({ service, contracts }: ServeContractOptions): ServedMethod[] {
  const { contract } = service.manifest;
  const file = contract === undefined ? '' : contracts.fileOf(contract);
  if (contract === undefined || file === '') return [];
  return reflectionMethods({ files: [file], folders: contracts.folders, services: [contract] });
}

/** Prepares the server; nothing listens yet. */
export function serveContract(options: ServeContractOptions): Serving {
  const { parts, service, identity, context } = options;
  const { database, telemetry, config } = parts;
  const contract = service.manifest.contract;
  const health = new Health(contract === undefined ? [] : [contract]);
  const server = new RpcServer({
    createTransport: options.createTransport,
    methods: [...servedMethods(options), ...health.methods(), ...reflection(options)],
    limits: defaultLimits,
    recorder: telemetry.server,
    caller: (headers) => identity.caller(headers),
    isService: servicePeers(config.FAIRLEAD_NAMESPACE),
    context,
    toError: (error) => toRpcError(translateDatabaseError(error)),
  });
  let state: 'starting' | 'started' | 'draining' = 'starting';
  const refresh = (): void => {
    const fit = state === 'started' && (database?.healthy() ?? true);
    health.set(fit ? 'SERVING' : 'NOT_SERVING');
  };
  const unlisten = database?.onHealth(refresh);
  return {
    listen: async () => (contract === undefined ? '' : server.listen(config.FAIRLEAD_LISTEN)),
    start() {
      state = 'started';
      server.open();
      refresh();
    },
    ready: () => health.status === 'SERVING',
    notServing() {
      state = 'draining';
      refresh();
    },
    async stop() {
      unlisten?.();
      await server.drain();
    },
  };
}
