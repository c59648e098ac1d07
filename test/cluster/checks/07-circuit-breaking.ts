// Outlier detection takes a failing pod out and brings it back; a full connection pool answers UNAVAILABLE at once.
import assert from 'node:assert/strict';
import { podOf, scale, sidecar } from '../access/workloads.ts';
import { helmUpgrade } from '../deploy/helm.ts';
import type { Check, Stage } from '../stage.ts';
import { charge } from './05-canary.ts';

const subset = 'outbound|50051|v1|payment.';

/** What order's sidecar says of the pods of payment v1: a line a pod. */
async function flags(stage: Stage): Promise<readonly string[]> {
  const clusters = await sidecar(stage.cluster, await podOf(stage.cluster, 'order'), 'clusters');
  return clusters.split('\n').filter((line) => line.startsWith(subset) && line.includes('::health_flags::'));
}

/** Pods that it leaves out now. */
const ejected = async (stage: Stage): Promise<number> =>
  (await flags(stage)).filter((line) => line.includes('failed_outlier_check')).length;

async function ejection(stage: Stage): Promise<void> {
  const { cluster, tell } = stage;
  await scale(cluster, 'payment-v1', 2);
  try {
    await cluster.until(
      'a pod that fails is left out',
      async () => {
        const replies = await charge(stage, 30, {}, 'tok_unavailable', 4);
        if ((await ejected(stage)) === 1) return true;
        const codes = replies.map((reply) => reply.code).join(' ');
        throw new Error(`30 charges ended with ${codes}; ${(await flags(stage)).join('; ')}`);
      },
      120_000,
    );
    const replies = await charge(stage, 40, {});
    assert.deepEqual(
      replies.filter((reply) => reply.code !== 0),
      [],
      'the other pod goes on serving',
    );
    await cluster.until(
      'the pod is taken back',
      async () => ((await ejected(stage)) === 0 ? true : undefined),
      180_000,
    );
    tell('one of two failing pods was left out, the other served, and the first was taken back');
  } finally {
    await scale(cluster, 'payment-v1', 1);
  }
}

async function overflow(stage: Stage): Promise<void> {
  await helmUpgrade(stage.deployment, { 'payment.connectionPool.maxRequests': '2', 'payment.canary.weight': '0' });
  try {
    await stage.cluster.until(
      'a full pool answers',
      async () => {
        const started = performance.now();
        const replies = await charge(stage, 12, {}, 'tok_slow', 12);
        const refused = replies.filter((reply) => reply.code === 14);
        if (refused.length === 0) return undefined;
        assert.deepEqual(
          replies.filter((reply) => reply.code !== 0 && reply.code !== 14),
          [],
        );
        assert.ok(
          replies.some((reply) => reply.code === 0),
          'those that found room were charged',
        );
        stage.tell(
          `12 slow calls at once, 2 allowed: ${refused.length} were UNAVAILABLE, all answered after ${Math.round(performance.now() - started)} ms`,
        );
        return true;
      },
      60_000,
    );
  } finally {
    await helmUpgrade(stage.deployment);
  }
}

export default {
  number: 7,
  name: 'outlier detection and the limit of the connection pool',
  run: async (stage) => {
    await ejection(stage);
    await overflow(stage);
  },
} satisfies Check;
