// One history: the shop is stocked, customers order, the nemesis kills, all comes to rest, the invariants are asked.
import { systemClock } from '#kit/clock/system-clock.ts';
import { connect, type TestConnection } from '#kit/testing/test-client.ts';
import { check } from '../check/check.ts';
import { type Beginning, readFacts } from '../check/facts.ts';
import type { Violation } from '../check/invariant.ts';
import type { Plan } from '../plan/plan.ts';
import type { Shop, ShopNews } from '../shop/shop.ts';
import { Customer } from './customer.ts';
import type { Door } from './doors/door.ts';
import { gatewayDoor } from './doors/gateway-door.ts';
import { servicesDoor } from './doors/services-door.ts';
import { History } from './history.ts';
import { Nemesis } from './nemesis.ts';
import { settle } from './settle.ts';

/** How a history went. */
export interface Outcome {
  readonly history: History;
  readonly violations: readonly Violation[];
  readonly kills: number;
  /** Orders by their last status, without its prefix. */
  readonly ends: Readonly<Record<string, number>>;
  /** Charges by the version of payment that made them. */
  readonly charges: Readonly<Record<string, number>>;
}

/** Connections to the shop, kept over all histories. */
export interface Doors {
  readonly gateway: Door;
  readonly services: Door;
  readonly stock: TestConnection<'fairlead.inventory.v1.InventoryService'>;
  close(): Promise<void>;
}

/** Opens them. */
export async function openDoors(shop: Shop): Promise<Doors> {
  const gateway = gatewayDoor(shop);
  const services = await servicesDoor(shop);
  const stock = await connect('fairlead.inventory.v1.InventoryService', shop.address('inventory'));
  return {
    gateway,
    services,
    stock,
    async close() {
      await Promise.all([gateway, services, stock].map((door) => door.close()));
    },
  };
}

async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 100) throw error;
      await systemClock.sleep(50);
    }
  }
}

/** Fills the shelves. */
async function prepare(shop: Shop, doors: Doors, plan: Plan): Promise<Beginning> {
  const counts = [...plan.stock].map(([productId, available]) => ({ productId, available }));
  const { levels } = await insist(() => doors.stock.with({}).setStock({ counts }, { timeout: '2s' }));
  const [{ time = new Date() } = {}] = await shop.query<{ time: Date }>('events', 'select clock_timestamp() as time');
  return { time, versions: new Map(levels.map(({ productId, version }) => [productId, version])) };
}

/**
 * Runs one.
 *
 * @param listen hands the shop's news to whoever listens until the next call
 */
export async function runHistory(
  shop: Shop,
  doors: Doors,
  plan: Plan,
  listen: (news: ShopNews) => void,
): Promise<Outcome> {
  const beginning = await prepare(shop, doors, plan);
  const history = new History();
  history.add('test', 'info', 'begin', { seed: plan.seed, stock: Object.fromEntries(plan.stock) });
  const nemesis = new Nemesis(shop, plan, history);
  listen(nemesis.hear);
  shop.hurry = !plan.leaseRunsOut;
  await nemesis.start();
  await Promise.all(
    plan.orders.map((order, index) => new Customer(`customer ${index + 1}`, order, doors[order.door], history).act()),
  );
  // Kills may still come on the way to rest: places of undoing and of reading lie there.
  await settle(shop, plan);
  await nemesis.stop();
  const open = await settle(shop, plan);
  history.add('test', 'info', 'end', { open: open ?? 'nothing' });
  const facts = await readFacts(shop, plan, history.entries, beginning);
  const ends = counted(facts.orders, ({ status }) => status.replace('ORDER_STATUS_', ''));
  const charges = counted(facts.payments, ({ charged_by_version }) => charged_by_version);
  return { history, violations: check(facts), kills: nemesis.kills, ends, charges };
}

/** How many there are of each kind. */
function counted<T>(list: readonly T[], kind: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) counts[kind(one)] = (counts[kind(one)] ?? 0) + 1;
  return counts;
}
