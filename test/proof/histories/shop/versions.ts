// A service that has two versions: calls of it go to either by turns, as the mesh's weights deal them out, and a call that is
// made again comes to the other one. Without a mesh the caller's process does that.
import type { Service } from '#kit';
import type { CallScope } from '#kit/calls/call-scope.ts';
import { clientClass } from '#kit/client/client-class.ts';
import { loadContract } from '#kit/contract/contract.ts';
import { forward } from '#kit/identity/forward.ts';
import { createTelemetry } from '#kit/telemetry/telemetry.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';
import { changed, type SagaLike, withClients } from './changed.ts';

/**
 * The service, calling the versions of others by turns in the steps of its sagas.
 *
 * @param addresses of all processes by name: `payment-v2` beside `payment-v1`
 */
export async function withVersions(service: Service, addresses: Readonly<Record<string, string>>): Promise<Service> {
  let sagas = (service.hooks.sagas ?? []) as unknown as readonly SagaLike[];
  const { openChannel } = await loadTransportUnderTest();
  for (const [name, { contract, methods }] of Object.entries(service.manifest.calls ?? {})) {
    const others = Object.keys(addresses).filter((other) => other.startsWith(`${name}-v`));
    if (others.length === 0) continue;
    const telemetry = await createTelemetry({
      service: service.manifest.name,
      version: 'v1',
      logLevel: 'silent',
      sampleRatio: 0,
      processMetrics: false,
    });
    const versions = others.map((other) => {
      const channel = openChannel(addresses[other] ?? '', { userAgent: 'fairlead-histories', proxy: false });
      return clientClass(loadContract(contract), methods, { channel, recorder: telemetry.client, forward });
    });
    let turn = 0;
    const byTurns = (client: { readonly scope: CallScope }): object => {
      const Version = versions[turn++ % versions.length];
      return Version === undefined ? client : new Version(client.scope);
    };
    sagas = sagas.map((saga) => withClients(saga, (clients) => changed(clients, name, byTurns)));
  }
  return { ...service, hooks: { ...service.hooks, ...(sagas.length > 0 && { sagas }) } } as unknown as Service;
}
