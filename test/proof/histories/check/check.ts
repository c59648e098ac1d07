// All invariants, and what a history broke of them.
import { accountsKnown, accountsOnce } from './accounts.ts';
import { acknowledged, neverBack, processesLive, requestIdsStand } from './clients.ts';
import { eventsTellAll, everyGroup, lastEvent } from './events.ts';
import type { Facts } from './facts.ts';
import { parcels, soldToOrders, stockConserved } from './goods.ts';
import type { Invariant, Violation } from './invariant.ts';
import { catalogPrices, chargedOnce, moneyConserved, versionsApart } from './money.ts';
import { learntOnce, queryEqualsOrders, toldOnce } from './read-models.ts';
import { saidOnce } from './rooms.ts';
import { sagasEnd } from './sagas.ts';

/** What must hold of every history. */
export const invariants: readonly Invariant[] = [
  accountsOnce,
  accountsKnown,
  moneyConserved,
  chargedOnce,
  catalogPrices,
  versionsApart,
  stockConserved,
  soldToOrders,
  parcels,
  sagasEnd,
  eventsTellAll,
  lastEvent,
  everyGroup,
  queryEqualsOrders,
  toldOnce,
  learntOnce,
  saidOnce,
  acknowledged,
  neverBack,
  requestIdsStand,
  processesLive,
];

/** What is broken; nothing when all is well. */
export function check(facts: Facts): Violation[] {
  return invariants.flatMap(({ name, check }) => [...check(facts)].map((what) => ({ invariant: name, what })));
}
