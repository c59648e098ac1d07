// What one seed stands for: who orders what and when, how they behave when no answer comes, and what is killed where.
// Everything follows from the seed; only how processes share the machine does not.
import { Random } from '../../../transport/fuzz/random.ts';
import type { ProcessName } from '../shop/process-name.ts';

/** How a customer places one order. Times are milliseconds after the history's start. */
export interface PlannedOrder {
  readonly requestId: string;
  /** Address of the account that it is placed with: registered by whoever comes first, logged in to by the others. */
  readonly email: string;
  /** Where the customer comes in: HTTP at the gateway, or gRPC at the services behind it. */
  readonly door: 'gateway' | 'services';
  readonly at: number;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
  readonly paymentToken: string;
  /** Deadline of one call. A short one leaves before the order is through. */
  readonly timeoutMs: number;
  /** Asks again under the same request id until there is an answer; otherwise never. */
  readonly insists: boolean;
  /** Sends the same request twice at once. */
  readonly twice: boolean;
  /** Sends another basket under the same request id, once there is an answer. */
  readonly reuses: boolean;
  /** Calls the order off so long after the answer; undefined: not. */
  readonly cancelAfterMs: number | undefined;
  /** So many things are said in the order's room. */
  readonly says: number;
}

/** One kill -9. */
export type PlannedKill =
  /** A process at the n-th visit of a place in its code (crash-points.ts). */
  | { readonly kind: 'place'; readonly service: ProcessName; readonly point: string; readonly visit: number }
  /** A process wherever it is, so many milliseconds after the history's start. */
  | { readonly kind: 'time'; readonly service: ProcessName; readonly at: number }
  | { readonly kind: 'postgres'; readonly which: 'postmaster' | 'backend'; readonly at: number };

/** One history. */
export interface Plan {
  readonly seed: number;
  /** Pieces of each product at the start. */
  readonly stock: ReadonlyMap<string, number>;
  readonly orders: readonly PlannedOrder[];
  readonly kills: readonly PlannedKill[];
  /** A killed process's sagas wait for their lease, as in production, and are not given free at once. */
  readonly leaseRunsOut: boolean;
}

/** Processes, the more often named the likelier: those that move money, stock and parcels first. */
const targets: readonly ProcessName[] = [
  ...(['order', 'order', 'order', 'order', 'payment-v1', 'payment-v2', 'inventory', 'inventory'] as const),
  ...(['shipping', 'shipping', 'user', 'user', 'gateway', 'gateway', 'order-query', 'notification'] as const),
  ...(['recommendation', 'realtime', 'catalog'] as const),
];
const tokens = ['tok_approve', 'tok_approve', 'tok_approve', 'tok_approve', 'tok_approve', 'tok_slow', 'tok_decline'];
const productsOfAHistory = 4;

/** A UUID of version 7 with a fixed time, so that ids follow from the seed. */
function uuid(random: Random): string {
  const digits = Array.from({ length: 18 }, () => random.below(16).toString(16)).join('');
  return `01980000-0000-7${digits.slice(0, 3)}-8${digits.slice(3, 6)}-${digits.slice(6)}`;
}

function chance(random: Random, percent: number): boolean {
  return random.below(100) < percent;
}

function planOrder(random: Random, emails: readonly string[], products: readonly string[]): PlannedOrder {
  const requestId = uuid(random);
  const email = random.pick(emails);
  const count = 1 + random.below(3);
  const items = Array.from({ length: count }, () => ({
    productId: random.pick(products),
    quantity: 1 + random.below(3),
  }));
  const paymentToken = chance(random, 2) ? 'tok_unavailable' : random.pick(tokens);
  return {
    requestId,
    email,
    door: chance(random, 50) ? 'gateway' : 'services',
    at: random.below(120),
    items,
    paymentToken,
    timeoutMs: chance(random, 25) ? 20 + random.below(150) : 5_000,
    insists: !chance(random, 10),
    twice: chance(random, 15),
    reuses: chance(random, 8),
    cancelAfterMs: chance(random, 35) ? random.below(200) : undefined,
    says: chance(random, 30) ? 1 + random.below(3) : 0,
  };
}

function planKill(random: Random, points: ReadonlyMap<ProcessName, readonly string[]>): PlannedKill {
  if (chance(random, 6)) {
    return { kind: 'postgres', which: chance(random, 50) ? 'postmaster' : 'backend', at: random.below(400) };
  }
  const service = random.pick(targets);
  if (chance(random, 30)) return { kind: 'time', service, at: random.below(500) };
  return { kind: 'place', service, point: random.pick(points.get(service) ?? []), visit: 1 + random.below(4) };
}

/**
 * The plan of a seed.
 *
 * @param products ids of all products that may be ordered
 * @param points places of each process
 */
export function planOf(
  seed: number,
  products: readonly string[],
  points: ReadonlyMap<ProcessName, readonly string[]>,
): Plan {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  const own = new Set<string>();
  while (own.size < productsOfAHistory) own.add(random.pick(products));
  const emails = Array.from({ length: 3 }, () => `${uuid(random)}@example.com`);
  const orders = Array.from({ length: 4 + random.below(5) }, () => planOrder(random, emails, [...own]));
  const kills = Array.from({ length: 1 + random.below(3) }, () => planKill(random, points));
  return {
    seed,
    stock: new Map([...own].map((productId) => [productId, 3 + random.below(12)])),
    orders,
    kills,
    leaseRunsOut: chance(random, 3),
  };
}
