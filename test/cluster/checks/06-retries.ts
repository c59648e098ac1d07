// Retries: a method that is not idempotent reaches the server once for each call, whatever it answers; one that is
// idempotent is tried again. Counted by the servers' own metrics.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { codecOf } from '../../../kit/contract/codec.ts';
import { withoutDatabase } from '../access/database.ts';
import { callFromPod } from '../access/pod-caller.ts';
import { hostOf, metricSum, podOf } from '../access/workloads.ts';
import type { Check, Stage } from '../stage.ts';
import { charge } from './05-canary.ts';

const counter = 'rpc_server_call_duration_seconds_count';

/** Calls of one method that the servers of a service have counted. */
const counted = (stage: Stage, service: string, path: string): Promise<number> =>
  metricSum(stage.cluster, service, counter, { rpc_method: path.slice(1) });

export default {
  number: 6,
  name: 'retries of idempotent methods only, counted at the server',
  run: async (stage) => {
    const { cluster, tell } = stage;
    const chargePath = '/fairlead.payment.v1.PaymentService/Charge';
    const before = await counted(stage, 'payment', chargePath);
    const replies = await charge(stage, 4, {}, 'tok_unavailable', 1);
    for (const reply of replies)
      assert.equal(reply.code, 14, `the test card finds payment unavailable: ${reply.code} ${reply.details}`);
    const after = await counted(stage, 'payment', chargePath);
    assert.equal(after - before, 4, '4 calls of Charge that were answered UNAVAILABLE reached the server 4 times');

    // The database of order-query goes away under it: for some seconds its pod answers UNAVAILABLE before it is taken out.
    const getPath = '/fairlead.orderquery.v1.OrderQueryService/GetOrder';
    const request = codecOf('fairlead.orderquery.v1.GetOrderRequest').encode({ orderId: randomUUID() });
    const user = await stage.api.call<{ tokens: { accessToken: string } }>('POST', '/api/v2/users:register', {
      email: `retry-${randomUUID()}@example.com`,
      password: 'correct horse battery',
      displayName: 'Retry',
    });
    const call = {
      target: hostOf(cluster, 'order-query'),
      path: getPath,
      request,
      timeoutMs: 8000,
      metadata: { authorization: `Bearer ${user.tokens.accessToken}` },
    };
    const pod = await podOf(cluster, 'gateway');
    const [fine] = await callFromPod(cluster, pod, 'gateway', [call]);
    assert.equal(fine?.code, 5, `an unknown order is NOT_FOUND: ${fine?.code} ${fine?.details}`);
    // On a slow machine the pod may be out before the call comes, which then reaches nobody: that is asked again.
    let times = 0;
    for (let round = 1; round <= 3 && times < 2; round++) {
      const base = await counted(stage, 'order-query', getPath);
      await withoutDatabase(cluster, ['order-query'], async () => {
        const [lost] = await callFromPod(cluster, pod, 'gateway', [call]);
        assert.equal(lost?.code, 14, `without its database order-query is UNAVAILABLE: ${lost?.code} ${lost?.details}`);
        times = (await counted(stage, 'order-query', getPath)) - base;
      });
      await cluster.until('order-query is ready again', async () => podOf(cluster, 'order-query'));
    }
    assert.ok(times > 1, `GetOrder was tried again: it reached the server ${times} times`);
    tell(`Charge reached the server once a call; GetOrder ${times} times in one call`);
  },
} satisfies Check;
