// The four kinds of call, and what they have to hold through two sidecars: over a linked session and over the wire.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect } from '#transport';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { collect, type EchoClient } from './echo-client.ts';
import { ECHO } from './echo-service.ts';
import { LiveMesh } from './live-mesh.ts';

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** @param linkSessions - by reference over the sidecars' session, or every octet through TLS. */
export function describeStreams(linkSessions: boolean): void {
  describe(linkSessions ? 'streams over a linked session' : 'streams over the wire', () => {
    let live: LiveMesh;
    let client: EchoClient;
    before(async () => {
      live = await LiveMesh.start({
        manifests: [...PLATFORM, istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system')],
        workloads: [{ service: 'checkout' }, { service: 'payment' }],
        linkSessions,
      });
      client = live.client('checkout-v1');
    });
    after(() => live.close());
    const open = (): number => live.mesh.sidecars.get('payment-v1')?.inbound?.server.counters.streams ?? 0;

    it('server streams arrive in order, with their status', async () => {
      const good = await collect(client.serverStream({ size: 200 }));
      assert.equal(good.code, 0);
      assert.deepEqual(
        good.messages,
        Array.from({ length: 200 }, (_, index) => `message ${index}`),
      );
      const bad = await collect(client.serverStream({ size: 2, code: 9 }));
      assert.deepEqual([bad.messages.length, bad.code, bad.message], [2, 9, 'as told']);
    });

    it('client streams arrive whole', async () => {
      const { body } = await client.clientStream(Array.from({ length: 50 }, () => Buffer.alloc(10_000)));
      assert.equal(body?.toString(), '500000');
    });

    it('messages go both ways while both sides are open, and half-close ends it', async () => {
      const stream = client.bidi();
      const outcome = collect(stream);
      for (let turn = 0; turn < 5; turn++) {
        const answer = new Promise((resolve) => stream.once('data', resolve));
        stream.write(Buffer.from(`turn ${turn}`));
        assert.equal(String(await answer), `turn ${turn}`);
      }
      stream.end();
      const { code, messages } = await outcome;
      assert.deepEqual([code, messages.length], [0, 5]);
    });

    it('a cancelled call is cancelled at the service', async () => {
      const stream = client.serverStream({ size: 1_000_000, delayMs: 5 });
      const outcome = collect(stream);
      await new Promise((resolve) => stream.once('data', resolve));
      const before = live.service('payment-v1').cancelled();
      stream.cancel();
      assert.equal((await outcome).code, 1);
      await until(() => live.service('payment-v1').cancelled() > before && open() === 0);
    });

    it('a deadline ends a stream on both sides', async () => {
      const before = live.service('payment-v1').cancelled();
      const { code } = await client.call({ delayMs: 10_000 }, { deadlineMs: 40 });
      assert.equal(code, 4);
      await until(() => live.service('payment-v1').cancelled() > before && open() === 0);
    });

    it('a message of 64 MiB goes there and back', async () => {
      const { code, body } = await client.call({ size: 64 * 1024 * 1024 });
      assert.deepEqual([code, body?.length], [0, 64 * 1024 * 1024]);
      const { echo } = await client.call(Buffer.alloc(64 * 1024 * 1024, 1));
      assert.equal(echo?.length, 64 * 1024 * 1024);
    });

    it('a reader that stops stops the writer, and does not grow the mesh', async () => {
      const target = 'payment.shop.svc.cluster.local:50051';
      const reader = connect({ target: live.tunnel('checkout-v1', target), authority: target });
      const counters = live.mesh.sidecars.get('payment-v1')?.inbound?.server.counters;
      const start = counters?.bytesSent ?? 0;
      const before = process.memoryUsage().rss;
      // Nothing is pulled: windows fill one after the other, and the service is told to wait.
      const stream = reader.serverStream(ECHO.ServerStream.path, Buffer.from('{"size":100000000}'), undefined, {
        onMessage: () => assert.fail('nothing was asked for'),
        onEnd: () => {},
      });
      let sent = 0;
      for (let still = 0; still < 20; ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        const now = (counters?.bytesSent ?? 0) - start;
        still = now === sent && now > 0 ? still + 1 : 0;
        sent = now;
      }
      assert.ok(sent < 4_000_000, `${sent} octets on the way`);
      for (let turn = 0; turn < 50; turn++) assert.equal((await client.call()).code, 0);
      assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
      stream.cancel();
      await until(() => open() === 0);
      reader.close();
    });

    it('10,000 idle streams stay open beside working calls', async () => {
      const streams = Array.from({ length: 10_000 }, () => client.bidi());
      const outcomes = streams.map((stream) => collect(stream));
      await Promise.all(
        streams.map((stream) => {
          const answer = new Promise((resolve) => stream.once('data', resolve));
          stream.write(Buffer.from('x'));
          return answer;
        }),
      );
      assert.equal(open(), 10_000);
      assert.equal((await client.call()).code, 0);
      for (const stream of streams) stream.end();
      const ended = await Promise.all(outcomes);
      assert.deepEqual(
        ended.filter((each) => each.code !== 0),
        [],
      );
      await until(() => open() === 0);
    });

    it('an instance that drains finishes what runs, and callers find the next one', async () => {
      const long = client.call({ delayMs: 200 });
      await until(() => open() === 1);
      await live.add({ service: 'payment' });
      const gone = live.mesh.removeWorkload('payment-v1', 5000);
      const outcomes = await client.many(50, 8);
      assert.deepEqual(
        outcomes.filter((each) => each.code !== 0),
        [],
      );
      assert.ok(outcomes.every((each) => each.echo?.instance === 'payment-v1-2'));
      assert.equal((await long).code, 0);
      await gone;
    });
  });
}
