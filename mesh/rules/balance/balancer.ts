// Choosing one instance of a cluster, as Envoy's load balancers do. State is a counter or a ring; chance comes in.
// Source: Envoy docs, intro/arch_overview/upstream/load_balancing/load_balancers.

import type { BalancerPolicy } from '../model/cluster-policy.ts';
import { HashRing } from './hash-ring.ts';

export interface Candidate {
  readonly id: string;
  /** Calls that are under way to it, from this sidecar. */
  readonly active: number;
}

export interface Pick {
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** For consistent hashing; absent when the call lacks what is hashed. */
  readonly hashKey?: string;
  /** Instances that this call has tried. */
  readonly tried?: ReadonlySet<string>;
}

export interface Balancer {
  pick<C extends Candidate>(candidates: readonly C[], pick: Pick): C | undefined;
}

/** Envoy asks the balancer again at most so often to find an instance that was not tried (istio retry.go). */
const HOST_SELECTION_ATTEMPTS = 5;

/** @param seed - in [0, 1): where round robin starts, so that many sidecars do not all begin with the same instance. */
export function createBalancer(policy: BalancerPolicy, seed = 0): Balancer {
  switch (policy.kind) {
    case 'round-robin':
      return preferringUntried(roundRobin(seed));
    case 'random':
      return preferringUntried((candidates, { random }) => candidates[Math.floor(random() * candidates.length)]);
    case 'ring-hash':
      return ringHash(policy.minimumRingSize);
    case 'least-request':
      return preferringUntried(leastRequest);
  }
}

type Choose = <C extends Candidate>(candidates: readonly C[], pick: Pick) => C | undefined;

function preferringUntried(choose: Choose): Balancer {
  return {
    pick(candidates, pick) {
      let chosen = choose(candidates, pick);
      const tried = pick.tried;
      if (tried === undefined || tried.size === 0) return chosen;
      for (let again = 0; again < HOST_SELECTION_ATTEMPTS && chosen !== undefined && tried.has(chosen.id); again++)
        chosen = choose(candidates, pick);
      return chosen;
    },
  };
}

function roundRobin(seed: number): Choose {
  let next = Math.floor(seed * 2 ** 31);
  return (candidates) => (candidates.length === 0 ? undefined : candidates[next++ % candidates.length]);
}

/** Power of two choices: of two instances drawn at random, the one with fewer calls under way. */
const leastRequest: Choose = (candidates, { random }) => {
  const first = candidates[Math.floor(random() * candidates.length)];
  const second = candidates[Math.floor(random() * candidates.length)];
  if (first === undefined || second === undefined) return first;
  return second.active < first.active ? second : first;
};

function ringHash(minimumRingSize: number): Balancer {
  let members = '';
  let ring: HashRing | undefined;
  return {
    pick(candidates, { hashKey, random, tried }) {
      if (candidates.length === 0) return undefined;
      // Without the hashed header Envoy draws a random hash, which is a random instance.
      if (hashKey === undefined) return candidates[Math.floor(random() * candidates.length)];
      const ids = candidates.map((each) => each.id);
      const joined = ids.join('\n');
      if (ring === undefined || joined !== members) {
        members = joined;
        ring = new HashRing(ids, minimumRingSize);
      }
      const id = ring.find(hashKey, tried?.size ?? 0);
      return candidates.find((each) => each.id === id);
    },
  };
}
