// https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterPolicy } from '../model/cluster-policy.ts';
import { type Candidate, createBalancer } from './balancer.ts';
import { Circuit } from './circuit.ts';

const hosts = (...active: number[]): Candidate[] => active.map((count, index) => ({ id: `h${index}`, active: count }));
const sequence = (...numbers: number[]) => {
  let index = 0;
  return () => numbers[index++ % numbers.length] ?? 0;
};
const policy = (kind: 'round-robin' | 'least-request' | 'random' | 'ring-hash') => ({ kind, minimumRingSize: 1024 });

describe('balancers', () => {
  it('round robin takes one after the other', () => {
    const balancer = createBalancer(policy('round-robin'));
    const picked = Array.from({ length: 6 }, () => balancer.pick(hosts(0, 0, 0), { random: Math.random })?.id);
    assert.deepEqual(picked, ['h0', 'h1', 'h2', 'h0', 'h1', 'h2']);
  });

  it('least request takes the less busy of two drawn at random', () => {
    const balancer = createBalancer(policy('least-request'));
    assert.equal(balancer.pick(hosts(5, 1, 9), { random: sequence(0, 0.4) })?.id, 'h1');
    assert.equal(balancer.pick(hosts(5, 1, 9), { random: sequence(0, 0.9) })?.id, 'h0');
    assert.equal(balancer.pick(hosts(2, 2, 2), { random: sequence(0.4, 0.9) })?.id, 'h1');
  });

  it('random takes where the number falls', () => {
    const balancer = createBalancer(policy('random'));
    assert.deepEqual(
      [0, 0.34, 0.99].map((number) => balancer.pick(hosts(0, 0, 0), { random: () => number })?.id),
      ['h0', 'h1', 'h2'],
    );
  });

  it('a hash keeps a key on its instance, and moves few keys when one leaves', () => {
    const balancer = createBalancer(policy('ring-hash'));
    const all = hosts(0, 0, 0, 0);
    const keys = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
    const place = (candidates: Candidate[]) =>
      keys.map((hashKey) => balancer.pick(candidates, { random: Math.random, hashKey })?.id);
    const before = place(all);
    assert.deepEqual(place(all), before);
    const after = place(all.slice(0, 3));
    const moved = before.filter((id, index) => id !== 'h3' && id !== after[index]).length;
    assert.equal(moved, 0, 'keys of instances that stay do not move');
    for (const { id } of all) {
      const share = before.filter((each) => each === id).length;
      assert.ok(share > 120 && share < 400, `${id} has ${share} of 1000 keys`);
    }
  });

  it('without the hashed header an instance is drawn', () => {
    assert.equal(createBalancer(policy('ring-hash')).pick(hosts(0, 0), { random: () => 0.7 })?.id, 'h1');
  });

  it('a retry looks for an instance that was not tried, five times at most', () => {
    const balancer = createBalancer(policy('round-robin'));
    assert.equal(balancer.pick(hosts(0, 0), { random: Math.random, tried: new Set(['h0']) })?.id, 'h1');
    assert.ok(
      balancer.pick(hosts(0), { random: Math.random, tried: new Set(['h0']) }),
      'the only instance is tried again',
    );
  });

  for (const kind of ['round-robin', 'least-request', 'random', 'ring-hash'] as const)
    it(`${kind} of nothing is nothing`, () =>
      assert.equal(createBalancer(policy(kind)).pick([], { random: Math.random, hashKey: 'a' }), undefined));
});

describe('connection pool limits', () => {
  const limits = { ...clusterPolicy([], 1, undefined).limits, maxRequests: 2, maxRetries: 1, maxPendingRequests: 1 };
  it('refuses what goes over and lets in what comes after', () => {
    const circuit = new Circuit(limits);
    assert.deepEqual([circuit.enter(), circuit.enter(), circuit.enter()], [true, true, false]);
    circuit.leave();
    assert.equal(circuit.enter(), true);
    assert.equal(circuit.overflows, 1);
  });
  it('counts retries and waiting calls apart', () => {
    const circuit = new Circuit(limits);
    assert.deepEqual(
      [circuit.enterRetry(), circuit.enterRetry(), circuit.enterPending(), circuit.enterPending()],
      [true, false, true, false],
    );
    circuit.leaveRetry();
    circuit.leavePending();
    assert.deepEqual([circuit.enterRetry(), circuit.enterPending()], [true, true]);
  });
  it("Istio's default is no limit", () =>
    assert.equal(clusterPolicy([], 1, undefined).limits.maxRequests, 2 ** 32 - 1));
});
