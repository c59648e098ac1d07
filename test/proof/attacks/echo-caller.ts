// An honest caller: the kit's typed client of the echo service.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { CallScope } from '#kit/calls/call-scope.ts';
import { clientClass } from '#kit/client/client-class.ts';
import type { ChannelOptions } from '#kit/client/client-transport.ts';
import { echoContract, type Loose } from '#kit/server/fixtures/echo-server.ts';
import { createTelemetry } from '#kit/telemetry/telemetry.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';

/** Calls and checks the answer; `close` ends its connection. */
export interface EchoCaller {
  call(): Promise<void>;
  close(): void;
}

export async function openEchoCaller(target: string, options: Partial<ChannelOptions> = {}): Promise<EchoCaller> {
  const { openChannel } = await loadTransportUnderTest();
  const telemetry = await createTelemetry({ service: 'honest', version: 'v1', logLevel: 'silent', sampleRatio: 0 });
  const channel = openChannel(target, { userAgent: 'honest', proxy: false, ...options });
  const Client = clientClass(echoContract, ['Say'], { channel, recorder: telemetry.client, forward: () => {} });
  const client: Loose = new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined));
  return {
    async call() {
      const text = randomUUID();
      assert.equal((await client.say({ text }, { timeout: '10s' })).echo.text, text);
    },
    close: () => channel.close(),
  };
}
