// Mutual TLS: a pod without a sidecar is refused, and each workload's certificate names its service account.
import assert from 'node:assert/strict';
import { isReady } from '../access/cluster.ts';
import { callFromPod } from '../access/pod-caller.ts';
import { hostOf, podOf, sidecar } from '../access/workloads.ts';
import type { Check, Stage } from '../stage.ts';

const intruder = 'intruder';

/** A pod that the network lets through like order's, but that has no sidecar; never ready, so it serves nobody. */
async function startIntruder({ cluster }: Stage): Promise<void> {
  const model = await cluster.get('deployment', 'order-v1');
  const container = model?.spec.template.spec.containers[0];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: intruder, labels: { app: 'order', version: 'none', 'sidecar.istio.io/inject': 'false' } },
    spec: {
      ...model?.spec.template.spec,
      serviceAccountName: 'order',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'order',
          image: container.image,
          imagePullPolicy: container.imagePullPolicy,
          securityContext: container.securityContext,
          command: ['sleep', '3600'],
          readinessProbe: { exec: { command: ['false'] } },
        },
      ],
    },
  };
  await cluster.apply(JSON.stringify(pod));
  await cluster.until('the intruder runs', async () =>
    (await cluster.get('pod', intruder))?.status?.phase === 'Running' ? true : undefined,
  );
}

export default {
  number: 3,
  name: 'mutual TLS: no sidecar, no entrance; identities are service accounts',
  run: async (stage) => {
    const { cluster, tell } = stage;
    const charge = {
      target: hostOf(cluster, 'payment'),
      path: '/fairlead.payment.v1.PaymentService/Charge',
      request: new Uint8Array(),
    };
    const [member] = await callFromPod(cluster, await podOf(cluster, 'order'), 'order', [charge]);
    assert.equal(member?.code, 3, `order itself reaches payment, which finds the request empty: ${member?.details}`);
    await startIntruder(stage);
    try {
      const [refused] = await callFromPod(cluster, intruder, 'order', [charge]);
      assert.equal(
        refused?.code,
        14,
        `without a sidecar the connection is refused, not answered with ${refused?.code} ${refused?.details}`,
      );
    } finally {
      await cluster.kubectl(['delete', 'pod', intruder, '--wait=false']);
    }
    const pods = (await cluster.pods()).filter(
      (pod) => isReady(pod) && pod.metadata.labels?.app !== 'postgres' && pod.metadata.labels?.version !== undefined,
    );
    for (const pod of pods) {
      const expected = `spiffe://cluster.local/ns/${cluster.namespace}/sa/${pod.spec.serviceAccountName}`;
      const certificates = await sidecar(cluster, pod.metadata.name, 'certs');
      assert.ok(certificates.includes(`"${expected}"`), `${pod.metadata.name} has the identity ${expected}`);
    }
    tell(`a pod without a sidecar was refused; ${pods.length} sidecars bear their service account's identity`);
  },
} satisfies Check;
