// The order service killed with kill -9, with one order at each place where it can be: every order ends all done or all
// undone, each deed is done once, and what is told has no gap.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { v7 as uuid } from 'uuid';
import { RpcError } from '#kit';
import { systemClock } from '#kit/clock/system-clock.ts';
import { type MockServer, startMockServer } from '#kit/testing/mock-server.ts';
import { connect, type TestConnection } from '#kit/testing/test-client.ts';
import { createTestDatabase, type TestDatabase } from '#kit/testing/test-database.ts';
import { openTestEvents, type TestEvents } from '#kit/testing/test-events.ts';
import { startTestTokens, type TestTokens } from '#kit/testing/test-tokens.ts';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import { basketOf, eventsOf, eventType, isLast } from './testing/orders.ts';
import { type Deed, type Trouble, World } from './testing/world.ts';

const contract = 'fairlead.order.v1.OrderService';
const program = fileURLToPath(new URL('./testing/order-process.ts', import.meta.url));

/** Before a deed is done, and after it was done but its answer not heard. */
const places = (...deeds: readonly Deed[]): Trouble[] =>
  deeds.flatMap((deed) => [
    { deed, done: false },
    { deed, done: true },
  ]);
const gone = { deed: 'commit', done: false, error: new RpcError('FAILED_PRECONDITION', 'expired') } as const;

interface Case {
  readonly title: string;
  readonly productId: string;
  readonly basket: ReturnType<typeof basketOf>;
  /** Called off once it is placed. */
  readonly cancel: boolean;
  readonly ends: 'shipmentScheduled' | 'failed' | 'cancelled';
  orderId: string;
}

describe('the order service, killed', () => {
  const me = uuid();
  const world = new World();
  const cases: Case[] = [];
  const databases: TestDatabase[] = [];
  const mocks: MockServer[] = [];
  let tokens: TestTokens;
  let events: TestEvents;
  let env: Record<string, string>;
  let child: ChildProcess;
  let connection: TestConnection<typeof contract>;

  function plan(title: string, ends: Case['ends'], cancel: boolean, ...troubles: readonly Trouble[]): void {
    const productId = world.addProduct();
    world.trouble(productId, ...troubles);
    cases.push({ title, productId, basket: basketOf(productId), cancel, ends, orderId: '' });
  }

  async function start(): Promise<ReturnType<TestConnection<typeof contract>['with']>> {
    const names = ['catalog', 'inventory', 'payment', 'shipping'];
    const endpoints = Object.fromEntries(names.map((name, index) => [name, mocks[index]?.address]));
    child = spawn(process.execPath, [program, JSON.stringify(endpoints)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(child.stdout);
    const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
    connection = await connect(contract, address);
    return connection.with({ authorization: `Bearer ${await tokens.mint({ id: me })}` });
  }

  async function kill(): Promise<void> {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await connection.close();
  }

  before(async () => {
    for (const name of ['order', 'event_log']) databases.push(await createTestDatabase(name));
    const [database, eventLog] = databases.map(({ url }) => url);
    tokens = await startTestTokens(systemClock);
    const { catalog, inventory, payment, shipping } = world.fakes;
    mocks.push(
      await startMockServer('fairlead.catalog.v1.CatalogService', catalog),
      await startMockServer('fairlead.inventory.v1.InventoryService', inventory),
      await startMockServer('fairlead.payment.v1.PaymentService', payment),
      await startMockServer('fairlead.shipping.v1.ShippingService', shipping),
    );
    env = {
      FAIRLEAD_LISTEN: '127.0.0.1:0',
      FAIRLEAD_ADMIN_LISTEN: '127.0.0.1:0',
      FAIRLEAD_TRANSPORT: transportUnderTest,
      DATABASE_URL: database ?? '',
      EVENT_LOG_URL: eventLog ?? '',
      ...tokens.env,
    };
    events = openTestEvents({ eventLogUrl: eventLog ?? '', types: [eventType], clock: systemClock });
  });
  after(async () => {
    await kill();
    await events.stop();
    await tokens.stop();
    await Promise.all(mocks.map((mock) => mock.stop()));
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('at each place of placing, undoing and calling off', async () => {
    const say = ({ deed, done }: Trouble): string => `${done ? 'after' : 'before'} ${deed}`;
    for (const place of places('reserve', 'charge', 'commit', 'schedule'))
      plan(say(place), 'shipmentScheduled', false, place);
    for (const place of places('refund', 'release')) plan(`undoing, ${say(place)}`, 'failed', false, gone, place);
    for (const place of places('cancel', 'release')) plan(`calling off, ${say(place)}`, 'cancelled', true, place);

    const client = await start();
    for (const each of cases) {
      // Called off ones first come through, so that they stand still on the way back.
      const answer = client.createOrder(each.basket, { timeout: each.cancel ? '10s' : '20s' });
      answer.catch(() => {});
      const { key } = await events.next(eventType, ({ payload }) => payload.items[0]?.productId === each.productId);
      each.orderId = key;
      if (!each.cancel) continue;
      await answer;
      client.cancelOrder({ orderId: key }).catch(() => {});
    }
    await Promise.all(cases.map(({ productId }) => world.standing(productId)));
    await kill();

    const again = await start();
    for (const { orderId, ends, title, productId } of cases) {
      await events.next(
        eventType,
        (event) =>
          event.key === orderId && (isLast(event) || (ends === 'shipmentScheduled' && event.payload.event === ends)),
      );
      const told = eventsOf(events.published, orderId);
      assert.equal(told.at(-1)?.event, ends, title);
      assert.deepEqual(
        told.map(({ sequence }) => sequence),
        told.map((_, index) => index + 1),
        title,
      );
      const done = world.deedsOf(orderId);
      assert.equal(new Set(done).size, done.length, `${title}: each deed once, not ${done.join(', ')}`);
      const placed = ends === 'shipmentScheduled';
      assert.deepEqual(
        world.balance(orderId),
        placed ? { charged: 1_000, parcels: 1 } : { charged: 0, parcels: 0 },
        title,
      );
      assert.equal(world.stock.get(productId), placed ? 8 : 10, title);
    }
    // A caller that heard no answer asks again.
    for (const { basket, orderId } of cases) {
      assert.equal((await again.createOrder(basket)).order?.orderId, orderId);
    }
  });
});
