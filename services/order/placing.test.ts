// Placing orders: what an order costs, what happens on its way, how it ends when a step fails, and what is told of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import { RpcError } from '#kit';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';
import { basketOf, eventsOf, eventType, isLast } from './testing/orders.ts';
import { World } from './testing/world.ts';

const eur = (units: number) => ({ currencyCode: 'EUR', units });
const me = uuid();

describe('placing an order', () => {
  const world = new World();
  const unlucky = world.addProduct();
  let unluckyOrder = '';
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { user: { id: me }, fakes: world.fakes });
    // Begun here and looked at by the last test: the saga takes its time before it gives up.
    const lost = new RpcError('UNAVAILABLE', 'connection lost');
    world.trouble(unlucky, { deed: 'schedule', done: true, error: lost, times: 8 });
    const { order } = await test.client.createOrder(basketOf(unlucky), { timeout: '3s' });
    unluckyOrder = order?.orderId ?? '';
  });
  after(() => test.stop());

  /** What was told of an order, once everything was: kinds in their order, with gapless numbers. */
  async function told(orderId: string): Promise<string[]> {
    const last = ({ key, payload }: Parameters<typeof isLast>[0]): boolean =>
      key === orderId && (isLast({ payload } as never) || payload.event === 'shipmentScheduled');
    await test.events.next(eventType, last);
    const events = eventsOf(test.events.published, orderId);
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      events.map((_, index) => index + 1),
    );
    return events.map(({ event }) => event ?? '');
  }

  it('reserves, charges, commits and schedules, at the prices of the catalogue', async () => {
    const [pen, ink] = [world.addProduct({ units: 250 }), world.addProduct({ units: 1_000 })];
    const basket = basketOf(pen, ink, pen);
    const { order } = await test.client.createOrder(basket);
    assert.equal(order?.status, 'ORDER_STATUS_SHIPMENT_SCHEDULED');
    assert.equal(order.userId, me);
    assert.deepEqual(order.total, eur(4 * 250 + 2 * 1_000));
    assert.deepEqual(
      order.items.map(({ productId, quantity, lineTotal }) => [productId, quantity, lineTotal]),
      [
        [pen, 4, eur(1_000)],
        [ink, 2, eur(2_000)],
      ],
    );
    assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'charge', 'commit', 'schedule']);
    assert.deepEqual(world.balance(order.orderId), { charged: 3_000, parcels: 1 });
    assert.equal(world.stock.get(pen), 6);
    assert.deepEqual(await told(order.orderId), ['created', 'stockReserved', 'paid', 'shipmentScheduled']);
    const [created, , paid, scheduled] = eventsOf(test.events.published, order.orderId);
    assert.deepEqual(created?.created?.shippingAddress, order.shippingAddress);
    assert.equal(paid?.paid?.paymentVersion, 'v2');
    assert.equal(scheduled?.shipmentScheduled?.trackingNumber, 'FL000000000001');
    assert.deepEqual(scheduled?.total, order.total);
  });

  it('answers an order for which there is too little as failed, and names the product', async () => {
    const [plenty, scarce] = [world.addProduct(), world.addProduct({ stock: 1 })];
    const { order } = await test.client.createOrder(basketOf(plenty, scarce));
    assert.equal(order?.status, 'ORDER_STATUS_FAILED');
    assert.equal(order.failure?.reason, 'FAILURE_REASON_OUT_OF_STOCK');
    assert.deepEqual(order.failure.productIds, [scarce]);
    assert.deepEqual(world.deedsOf(order.orderId), []);
    assert.equal(world.stock.get(plenty), 10);
    assert.deepEqual(await told(order.orderId), ['created', 'failed']);
  });

  it('releases the stock of an order whose card is declined', async () => {
    const product = world.addProduct();
    const { order } = await test.client.createOrder({ ...basketOf(product), paymentToken: 'tok_decline' });
    assert.equal(order?.failure?.reason, 'FAILURE_REASON_PAYMENT_DECLINED');
    assert.equal(world.stock.get(product), 10);
    assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'release']);
    assert.deepEqual(await told(order.orderId), ['created', 'stockReserved', 'failed']);
  });

  it('gives up on a card that cannot be reached, in such a way that nothing is charged later', async () => {
    const product = world.addProduct();
    const { order } = await test.client.createOrder({ ...basketOf(product), paymentToken: 'tok_unavailable' });
    assert.equal(order?.failure?.reason, 'FAILURE_REASON_PAYMENT_UNAVAILABLE');
    assert.equal(world.stock.get(product), 10);
    const tokens = test.mocks.payment
      .callsOf('Charge')
      .map(({ requests }) => requests[0] as { requestId: string; paymentToken: string });
    const ours = tokens.filter(({ requestId }) => requestId === order.orderId).map(({ paymentToken }) => paymentToken);
    assert.equal(ours.at(-1), 'tok_void');
    const late = world.payment.charge({
      ...(tokens[0] as never as object),
      requestId: order.orderId,
      orderId: order.orderId,
      userId: me,
      amount: order.total,
      paymentToken: 'tok_approve',
    });
    await assert.rejects(late, { code: 'ALREADY_EXISTS' });
  });

  it('gives money and stock back when the stock is gone between reserving and committing', async () => {
    const product = world.addProduct();
    const expired = new RpcError('FAILED_PRECONDITION', 'expired', { reason: 'RESERVATION_EXPIRED' });
    world.trouble(product, { deed: 'commit', done: false, error: expired });
    const { order } = await test.client.createOrder(basketOf(product));
    assert.equal(order?.status, 'ORDER_STATUS_FAILED');
    assert.equal(order.failure?.reason, 'FAILURE_REASON_OUT_OF_STOCK');
    assert.deepEqual(order.failure.productIds, [product]);
    assert.deepEqual(order.refundedAmount, eur(1_000));
    assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'charge', 'refund', 'release']);
    assert.deepEqual(world.balance(order.orderId), { charged: 0, parcels: 0 });
    assert.deepEqual(await told(order.orderId), ['created', 'stockReserved', 'paid', 'refunded', 'failed']);
  });

  it('undoes everything in reverse when no shipment can be planned', async () => {
    const product = world.addProduct();
    const refused = new RpcError('FAILED_PRECONDITION', 'no carrier goes there');
    world.trouble(product, { deed: 'schedule', done: false, error: refused });
    const { order } = await test.client.createOrder(basketOf(product));
    assert.equal(order?.failure?.reason, 'FAILURE_REASON_SHIPPING_UNAVAILABLE');
    assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'charge', 'commit', 'refund', 'release']);
    assert.equal(world.stock.get(product), 10);
  });

  it('does each step once when an answer is lost on the way', async () => {
    for (const deed of ['reserve', 'charge', 'commit', 'schedule'] as const) {
      const product = world.addProduct();
      world.trouble(product, { deed, done: true, error: new RpcError('UNAVAILABLE', 'connection lost') });
      const { order } = await test.client.createOrder(basketOf(product));
      assert.equal(order?.status, 'ORDER_STATUS_SHIPMENT_SCHEDULED', deed);
      assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'charge', 'commit', 'schedule'], deed);
    }
  });

  it('finds out about a charge whose answers are all lost, and refunds it', async () => {
    const product = world.addProduct();
    const lost = new RpcError('UNAVAILABLE', 'connection lost');
    world.trouble(product, { deed: 'charge', done: true, error: lost, times: 5 });
    const { order } = await test.client.createOrder(basketOf(product));
    assert.equal(order?.failure?.reason, 'FAILURE_REASON_PAYMENT_UNAVAILABLE');
    assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'charge', 'refund', 'release']);
    assert.deepEqual(world.balance(order.orderId), { charged: 0, parcels: 0 });
  });

  it('answers as far as it has come when the deadline is shorter than the work, and goes on', async () => {
    const product = world.addProduct();
    world.trouble(product, { deed: 'charge', done: false, error: new RpcError('UNAVAILABLE', 'busy'), times: 4 });
    const { order } = await test.client.createOrder(basketOf(product), { timeout: '700ms' });
    assert.equal(order?.status, 'ORDER_STATUS_STOCK_RESERVED');
    assert.deepEqual(await told(order.orderId), ['created', 'stockReserved', 'paid', 'shipmentScheduled']);
    assert.deepEqual(world.balance(order.orderId), { charged: 1_000, parcels: 1 });
  });

  it('goes on when the caller goes away', async () => {
    const product = world.addProduct();
    world.trouble(product, { deed: 'charge', done: false, error: new RpcError('UNAVAILABLE', 'busy'), times: 2 });
    const basket = basketOf(product);
    const gone = new AbortController();
    const answer = test.client.createOrder(basket, { signal: gone.signal });
    const created = await test.events.next(eventType, ({ payload }) => payload.items[0]?.productId === product);
    gone.abort();
    await assert.rejects(answer, { code: 'CANCELLED' });
    await told(created.key);
    const { order } = await test.client.createOrder(basket);
    assert.equal(order?.orderId, created.key);
    assert.equal(order.status, 'ORDER_STATUS_SHIPMENT_SCHEDULED');
  });

  it('places one order for equal requests of one id, also at the same time, and refuses another under it', async () => {
    const product = world.addProduct();
    const basket = basketOf(product);
    const answers = await Promise.all(Array.from({ length: 5 }, () => test.client.createOrder(basket)));
    assert.equal(new Set(answers.map(({ order }) => order?.orderId)).size, 1);
    assert.equal(world.stock.get(product), 8);
    const other = { ...basket, items: [{ productId: product, quantity: 3 }] };
    await assert.rejects(test.client.createOrder(other), { code: 'ALREADY_EXISTS' });
    const stranger = await (await test.as({})).createOrder(basket);
    assert.notEqual(stranger.order?.orderId, answers[0]?.order?.orderId);
  });

  it('orders what costs nothing without a charge', async () => {
    const product = world.addProduct({ units: 0 });
    const { order } = await test.client.createOrder(basketOf(product));
    assert.equal(order?.status, 'ORDER_STATUS_SHIPMENT_SCHEDULED');
    assert.deepEqual(world.deedsOf(order.orderId), ['reserve', 'commit', 'schedule']);
  });

  it('says NOT_FOUND for an unknown product, and orders nothing', async () => {
    const [known, unknown] = [world.addProduct(), uuid()];
    await assert.rejects(test.client.createOrder(basketOf(known, unknown)), (error: RpcError) => {
      assert.equal(error.code, 'NOT_FOUND');
      assert.equal(error.details.reason, 'PRODUCT_NOT_FOUND');
      assert.match(error.message, new RegExp(unknown));
      return true;
    });
    assert.equal(world.stock.get(known), 10);
  });

  it('refuses bad quantities, too many of one product, two currencies, and no items', async () => {
    const product = world.addProduct({ stock: 5_000 });
    const refused = { code: 'INVALID_ARGUMENT' };
    for (const quantity of [0, -1, 1_001, 2 ** 31 - 1]) {
      const items = [{ productId: product, quantity }];
      await assert.rejects(test.client.createOrder({ ...basketOf(product), items }), refused);
    }
    const twice = [600, 600].map((quantity) => ({ productId: product, quantity }));
    await assert.rejects(test.client.createOrder({ ...basketOf(product), items: twice }), refused);
    await assert.rejects(test.client.createOrder({ ...basketOf(product), items: [] }), refused);
    await assert.rejects(test.client.createOrder({ ...basketOf(product), shippingAddress: null }), refused);
    await assert.rejects(test.client.createOrder({ ...basketOf(product), paymentToken: '4111 1111' }), refused);
    const yen = world.addProduct({ currency: 'JPY' });
    await assert.rejects(test.client.createOrder(basketOf(product, yen)), { code: 'FAILED_PRECONDITION' });
    const dear = world.addProduct({ units: 1e12 });
    await assert.rejects(test.client.createOrder(basketOf(dear)), { code: 'FAILED_PRECONDITION' });
  });

  it('orders for oneself; for another user only as staff', async () => {
    const product = world.addProduct();
    const stranger = await test.as({});
    await assert.rejects(stranger.createOrder({ ...basketOf(product), userId: me }), { code: 'NOT_FOUND' });
    const support = await test.as({ roles: ['support'] });
    assert.equal((await support.createOrder({ ...basketOf(product), userId: me })).order?.userId, me);
    const nobody = await test.as(null);
    await assert.rejects(nobody.createOrder(basketOf(product)), { code: 'UNAUTHENTICATED' });
  });

  it('cancels a shipment too when its answers are lost until the saga gives up', async () => {
    await test.events.next(eventType, (event) => event.key === unluckyOrder && isLast(event));
    const deeds = ['reserve', 'charge', 'commit', 'schedule', 'cancel', 'refund', 'release'];
    assert.deepEqual(world.deedsOf(unluckyOrder), deeds);
    assert.deepEqual(world.balance(unluckyOrder), { charged: 0, parcels: 0 });
  });

  it('keeps no payment token, neither in the log nor in the database', async () => {
    const { rows: sagas } = await sql<object>`select * from fairlead.saga`.execute(test.db);
    const orders = await test.db.selectFrom('orders').selectAll().execute();
    assert.ok(sagas.length > 0 && orders.length > 0);
    for (const row of [...sagas, ...orders, ...test.logs]) assert.doesNotMatch(JSON.stringify(row), /tok_[a-z]{4}/);
  });
});
