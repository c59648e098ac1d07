// Typed clients for tests, over real sockets: every method of a contract, with metadata of the test's choosing.
import { CallScope } from '../calls/call-scope.ts';
import { clientClass } from '../client/client-class.ts';
import type { CallOptions } from '../context.ts';
import { loadContract } from '../contract/contract.ts';
import { type ContractSource, platformContracts } from '../contract/contract-source.ts';
import type { ClientOf, ContractName, RpcName } from '../contract/shapes.ts';
import { headerBag } from '../telemetry/header-bag.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { loadTransportUnderTest } from './transport-under-test.ts';

/** A client of a whole contract. */
export type ContractClient<S extends ContractName> = ClientOf<S, RpcName<S>, CallOptions>;

/** A connection to one server. */
export interface TestConnection<S extends ContractName> {
  /** A client that sends this metadata with every call. */
  with(metadata: Readonly<Record<string, string>>): ContractClient<S>;
  close(): Promise<void>;
}

/** Connects to a server of the contract: `host:port` or `unix:/path`. */
export async function connect<S extends ContractName>(
  contractName: S,
  address: string,
  contracts: ContractSource = platformContracts,
): Promise<TestConnection<S>> {
  const contract = loadContract(contractName, contracts);
  const telemetry = await createTelemetry({
    service: 'test',
    version: 'v1',
    logLevel: 'silent',
    sampleRatio: 0,
    processMetrics: false,
  });
  const { openChannel } = await loadTransportUnderTest();
  const channel = openChannel(address, { userAgent: 'fairlead-test', proxy: false });
  const methods = contract.methods.map(({ rpc }) => rpc);
  // The scope stands for an incoming call; what it carries is sent on as it is.
  const Client = clientClass(contract, methods, {
    channel,
    recorder: telemetry.client,
    forward: (incoming, outgoing) => {
      for (const name of (incoming.get(names) ?? '').split('\n')) {
        const value = incoming.get(name);
        if (value !== undefined) outgoing.set(name, value);
      }
    },
  });
  return {
    with(metadata) {
      const headers = headerBag([...Object.entries(metadata), [names, Object.keys(metadata).join('\n')]]);
      return new Client(new CallScope(Number.POSITIVE_INFINITY, headers, undefined)) as ContractClient<S>;
    },
    async close() {
      channel.close();
      await telemetry.shutdown();
    },
  };
}

/** Entry of a bag that lists the names of its others. */
const names = ' names';
