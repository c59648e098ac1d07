// Every caller times every method: a declared call passes, every other is PERMISSION_DENIED.
// Network policies and egress scopes stop undeclared callers before the policy can, so the matrix is asked without them.
import assert from 'node:assert/strict';
import { callFromPod } from '../access/pod-caller.ts';
import { hostOf, podOf } from '../access/workloads.ts';
import type { Check, Stage } from '../stage.ts';

const health = '/grpc.health.v1.Health/Check';
const isRefusal = (reply: { readonly code: number; readonly details: string }): boolean =>
  reply.code === 7 && /RBAC/.test(reply.details);

/** What is taken away while the matrix is asked, as text to put back. */
async function without(stage: Stage, kinds: readonly string[], work: () => Promise<void>): Promise<void> {
  const { cluster } = stage;
  const saved = await cluster.kubectl(['get', kinds.join(','), '--output', 'json']);
  const items = (JSON.parse(saved) as { items: { metadata: Record<string, unknown> }[] }).items.map((item) => {
    const {
      resourceVersion: _version,
      uid: _uid,
      managedFields: _fields,
      creationTimestamp: _time,
      ...metadata
    } = item.metadata;
    return { ...item, metadata };
  });
  await cluster.kubectl(['delete', kinds.join(','), '--all']);
  try {
    await work();
  } finally {
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }
}

async function matrix(stage: Stage): Promise<readonly string[]> {
  const { cluster, methods, edges } = stage;
  const allowed = new Set(edges.map((edge) => `${edge.from} ${edge.path}`));
  const callers = [...new Set([...methods.map((method) => method.service), ...edges.map((edge) => edge.from)])].sort();
  const wrong: string[] = [];
  let pairs = 0;
  for (const caller of callers) {
    const targets = methods.filter((method) => method.service !== caller);
    const calls = targets.map(({ service, path }) => ({
      target: hostOf(cluster, service),
      path,
      request: new Uint8Array(),
      timeoutMs: 4000,
    }));
    const replies = await callFromPod(cluster, await podOf(cluster, caller), caller, calls);
    for (const [index, { path }] of targets.entries()) {
      const reply = replies[index];
      pairs++;
      const passes = reply !== undefined && !isRefusal(reply) && reply.code !== 14;
      const refused = reply !== undefined && isRefusal(reply);
      if (allowed.has(`${caller} ${path}`) ? !passes : !refused) {
        wrong.push(
          `${caller} -> ${path}: ${reply?.code} ${reply?.details}, ${allowed.has(`${caller} ${path}`) ? 'declared' : 'not declared'}`,
        );
      }
    }
    stage.tell(`asked as ${caller}: ${targets.length} methods`);
  }
  stage.tell(`${pairs} pairs, ${wrong.length} wrong`);
  return wrong;
}

export default {
  number: 4,
  name: 'the authorization matrix: every caller, every method',
  run: async (stage) => {
    const { cluster, edges } = stage;
    await without(stage, ['networkpolicies.networking.k8s.io', 'sidecars.networking.istio.io'], async () => {
      const [edge] = edges;
      assert.ok(edge);
      // The sidecars learn of the wider scope one by one: wait until an undeclared pair is refused by the policy itself.
      const pod = await podOf(cluster, 'shipping');
      await cluster.until('the sidecars see every host', async () => {
        const [reply] = await callFromPod(cluster, pod, 'shipping', [
          {
            target: hostOf(cluster, 'payment'),
            path: '/fairlead.payment.v1.PaymentService/Charge',
            request: new Uint8Array(),
          },
        ]);
        return reply !== undefined && isRefusal(reply) ? true : undefined;
      });
      assert.deepEqual(await matrix(stage), []);
      const asGateway = await callFromPod(cluster, await podOf(cluster, 'gateway'), 'gateway', [
        { target: hostOf(cluster, 'catalog'), path: health, request: new Uint8Array() },
      ]);
      assert.equal(asGateway[0]?.code, 0, 'the gateway may ask for health');
    });
    // With the network policies back, an undeclared caller does not even connect.
    await cluster.until('the network policies hold again', async () => {
      const [reply] = await callFromPod(cluster, await podOf(cluster, 'shipping'), 'shipping', [
        {
          target: hostOf(cluster, 'payment'),
          path: '/fairlead.payment.v1.PaymentService/Charge',
          request: new Uint8Array(),
          timeoutMs: 3000,
        },
      ]);
      return reply !== undefined && reply.code !== 0 && !isRefusal(reply) ? true : undefined;
    });
  },
} satisfies Check;
