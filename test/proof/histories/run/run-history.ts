// One history: the shop is stocked, customers order, the nemesis kills, all comes to rest, the invariants are asked.

import { v5 } from 'uuid';
import { codecOf } from '#kit';
import { systemClock } from '#kit/clock/system-clock.ts';
import { connect, type TestConnection } from '#kit/testing/test-client.ts';
import { check } from '../check/check.ts';
import { type Beginning, readFacts } from '../check/facts.ts';
import type { Violation } from '../check/invariant.ts';
import type { Plan } from '../plan/plan.ts';
import type { Shop, ShopNews } from '../shop/shop.ts';
import { Customer } from './customer.ts';
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
}

/** Connections to the shop's doors, kept over all histories. */
export interface Doors {
  readonly orders: TestConnection<'fairlead.order.v1.OrderService'>;
  readonly reading: TestConnection<'fairlead.orderquery.v1.OrderQueryService'>;
  readonly stock: TestConnection<'fairlead.inventory.v1.InventoryService'>;
  close(): Promise<void>;
}

/** Opens them. */
export async function openDoors(shop: Shop): Promise<Doors> {
  const orders = await connect('fairlead.order.v1.OrderService', shop.address('order'));
  const reading = await connect('fairlead.orderquery.v1.OrderQueryService', shop.address('order-query'));
  const stock = await connect('fairlead.inventory.v1.InventoryService', shop.address('inventory'));
  return {
    orders,
    reading,
    stock,
    async close() {
      await Promise.all([orders.close(), reading.close(), stock.close()]);
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

/** Fills the shelves and has the address book know the customers. */
async function prepare(shop: Shop, doors: Doors, plan: Plan): Promise<Beginning> {
  const counts = [...plan.stock].map(([productId, available]) => ({ productId, available }));
  const { levels } = await insist(() => doors.stock.with({}).setStock({ counts }, { timeout: '2s' }));
  const codec = codecOf('fairlead.user.v1.UserEvent');
  const [{ time = new Date() } = {}] = await shop.query<{ time: Date }>('events', 'select clock_timestamp() as time');
  for (const userId of new Set(plan.orders.map((order) => order.userId))) {
    const registered = { email: `${userId.slice(-12)}@example.com`, displayName: 'Ada', locale: '' };
    const payload = codec.encode({ userId, sequence: 1, eventTime: new Date(), registered });
    // As the user service's relay would.
    await shop.query(
      'events',
      `select event_log.append(array[$1::uuid], array['fairlead.user.v1'], array[0::smallint],
         array['fairlead.user.v1.UserEvent'], array[$2::text], array[$3::bytea], array[now()])`,
      [v5(userId, v5.URL), userId, payload],
    );
  }
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
    plan.orders.map(async (order, index) => {
      const authorization = `Bearer ${await shop.tokens.mint({ id: order.userId })}`;
      const orders = doors.orders.with({ authorization });
      const reading = doors.reading.with({ authorization });
      await new Customer(`customer ${index + 1}`, order, { orders, reading }, history).act();
    }),
  );
  // Kills may still come on the way to rest: places of undoing and of reading lie there.
  await settle(shop, plan);
  await nemesis.stop();
  const open = await settle(shop, plan);
  history.add('test', 'info', 'end', { open: open ?? 'nothing' });
  const facts = await readFacts(shop, plan, history.entries, beginning);
  const ends: Record<string, number> = {};
  for (const { status } of facts.orders) {
    const end = status.replace('ORDER_STATUS_', '');
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return { history, violations: check(facts), kills: nemesis.kills, ends };
}
