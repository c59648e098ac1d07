// The canary: the header reaches v2 always, the weight as often as a coin of that weight would, and a change of weight
// under load fails no call.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { codecOf } from '../../../kit/contract/codec.ts';
import { binomialBounds } from '../access/binomial.ts';
import { startLoad } from '../access/load.ts';
import { callFromPod, type PodReply } from '../access/pod-caller.ts';
import { hostOf, podOf } from '../access/workloads.ts';
import { helmUpgrade } from '../deploy/helm.ts';
import type { Check, Stage } from '../stage.ts';

const request = codecOf('fairlead.payment.v1.ChargeRequest');
const response = codecOf('fairlead.payment.v1.ChargeResponse');

/** Charges from the order service's own pod, each under a request id of its own. */
export async function charge(
  stage: Stage,
  count: number,
  metadata: Readonly<Record<string, string>>,
  token = 'tok_approve',
  lanes = 8,
): Promise<readonly PodReply[]> {
  const { cluster } = stage;
  const calls = Array.from({ length: count }, () => ({
    target: hostOf(cluster, 'payment'),
    path: '/fairlead.payment.v1.PaymentService/Charge',
    metadata,
    timeoutMs: 15_000,
    request: request.encode({
      requestId: randomUUID(),
      orderId: randomUUID(),
      userId: randomUUID(),
      amount: { currencyCode: 'GBP', units: 100 },
      paymentToken: token,
    }),
  }));
  return callFromPod(cluster, await podOf(cluster, 'order'), 'order', calls, lanes);
}

function versions(replies: readonly PodReply[]): { readonly v2: number; readonly failed: readonly string[] } {
  const failed = replies.filter((reply) => reply.code !== 0).map((reply) => `${reply.code} ${reply.details}`);
  const v2 = replies.filter((reply) => reply.code === 0 && response.decode(reply.response).version === 'v2').length;
  return { v2, failed };
}

async function weigh(stage: Stage, weight: number): Promise<void> {
  const { low, high } = binomialBounds(1000, weight / 100);
  const { v2, failed } = versions(await charge(stage, 1000, {}));
  assert.deepEqual(failed, []);
  assert.ok(
    v2 >= low && v2 <= high,
    `${v2} of 1,000 calls at weight ${weight} went to v2; between ${low} and ${high} is to be expected`,
  );
  stage.tell(`weight ${weight}: ${v2} of 1,000 to v2 (${low} to ${high} expected)`);
}

export default {
  number: 5,
  name: 'canary: header, weight, and a change of weight under load',
  run: async (stage) => {
    const header = versions(await charge(stage, 100, { 'x-version': 'v2' }));
    assert.deepEqual(header, { v2: 100, failed: [] });
    stage.tell('the header reached v2 100 times of 100');
    await weigh(stage, 10);
    const load = startLoad(40, async () => {
      await stage.api.call('GET', '/api/v2/products?pageSize=5');
    });
    let charged: Promise<readonly PodReply[]> | undefined;
    try {
      charged = charge(stage, 500, {}, 'tok_approve', 2);
      await helmUpgrade(stage.deployment, { 'payment.canary.weight': '50' });
      assert.deepEqual(versions(await charged).failed, []);
      await weigh(stage, 50);
    } finally {
      await helmUpgrade(stage.deployment);
      await charged?.catch(() => {});
      const { examples, failed, sent, text } = await load.stop();
      stage.tell(`during two upgrades: ${text}`);
      assert.deepEqual(examples, [], `${failed} of ${sent} requests failed while weights changed`);
    }
  },
} satisfies Check;
