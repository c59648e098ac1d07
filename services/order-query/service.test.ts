// The reading side of orders as others meet it: built from events, paged, watched, hidden from strangers, rebuilt.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import type { Init, Message } from '#kit/contract/shapes.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

type OrderEvent = Init<Message<'fairlead.order.v1.OrderEvent'>>;

const eur = (units: number) => ({ currencyCode: 'EUR', units });
const me = uuid();
const shipmentId = uuid();
const failure = { reason: 'FAILURE_REASON_OUT_OF_STOCK' as const, message: 'too little', productIds: [] };

const steps: readonly [OrderStatus, OrderEvent][] = [
  ['ORDER_STATUS_PENDING', { created: { shippingAddress: { recipient: 'Ada', city: 'Leeds' } } }],
  ['ORDER_STATUS_STOCK_RESERVED', { stockReserved: { reservationId: uuid() } }],
  ['ORDER_STATUS_PAID', { paid: { paymentId: uuid(), amount: eur(1_999), paymentVersion: 'v2' } }],
  ['ORDER_STATUS_SHIPMENT_SCHEDULED', { shipmentScheduled: { shipmentId, trackingNumber: 'FL1' } }],
  ['ORDER_STATUS_IN_TRANSIT', { inTransit: { shipmentId } }],
  ['ORDER_STATUS_DELIVERED', { delivered: { shipmentId } }],
];

describe('order-query', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { user: { id: me } });
  });
  after(() => test.stop());

  /** Publishes an order's events `from` .. `to` (1 is the first), as the order service would. */
  async function publish(orderId: string, from: number, to: number, userId = me): Promise<void> {
    for (const [index, [status, happening]] of steps.slice(from - 1, to).entries()) {
      const head = { orderId, userId, sequence: from + index, eventTime: new Date(), status, total: eur(1_999) };
      await test.events.publish({
        type: 'fairlead.order.v1.OrderEvent',
        key: orderId,
        payload: { ...head, ...happening },
      });
    }
  }

  /** Resolves when the model has come to this event. */
  async function heard(orderId: string, sequence: number): Promise<void> {
    for await (const _ of test.application.changes(`order/${orderId}`)) {
      const query = test.db.selectFrom('orders').select('sequence').where('orderId', '=', orderId);
      if (((await query.executeTakeFirst())?.sequence ?? 0) >= sequence) return;
    }
  }

  async function placed(to = 1, userId = me): Promise<string> {
    const orderId = uuid();
    await publish(orderId, 1, to, userId);
    await heard(orderId, to);
    return orderId;
  }

  it('shows an order as its events say, with what happened to it', async () => {
    const orderId = await placed(6);
    const { order, history } = await test.client.getOrder({ orderId });
    assert.equal(order?.status, 'ORDER_STATUS_DELIVERED');
    assert.equal(order.sequence, 6);
    assert.deepEqual(order.total, eur(1_999));
    assert.equal(order.shippingAddress?.city, 'Leeds');
    assert.equal(order.shipmentId, shipmentId);
    assert.deepEqual(
      history.map(({ kind }) => kind.replace('ORDER_MILESTONE_KIND_', '')),
      ['CREATED', 'STOCK_RESERVED', 'PAID', 'SHIPMENT_SCHEDULED', 'IN_TRANSIT', 'DELIVERED'],
    );
    assert.deepEqual(
      history.map(({ note }) => note),
      ['', '', '€19.99', 'Tracking number FL1', '', ''],
    );
  });

  it('hides orders from everybody but their owner and staff', async () => {
    const orderId = await placed();
    const stranger = await test.as({});
    for (const client of [stranger]) {
      await assert.rejects(client.getOrder({ orderId }), { code: 'NOT_FOUND' });
      await assert.rejects(Array.fromAsync(client.watchOrder({ orderId })), { code: 'NOT_FOUND' });
      await assert.rejects(client.listUserOrders({ userId: me }), { code: 'NOT_FOUND' });
    }
    for (const role of ['support', 'admin']) {
      const staff = await test.as({ roles: [role] });
      assert.equal((await staff.getOrder({ orderId })).order?.userId, me);
      assert.ok((await staff.listUserOrders({ userId: me })).totalSize > 0);
    }
    await assert.rejects(test.client.getOrder({ orderId: uuid() }), { code: 'NOT_FOUND' });
    await assert.rejects(test.client.getOrder({ orderId: 'mine' }), { code: 'INVALID_ARGUMENT' });
    await assert.rejects((await test.as(null)).getOrder({ orderId }), { code: 'UNAUTHENTICATED' });
  });

  it('lists orders newest first, a page at a time, each once', async () => {
    const user = { id: uuid() };
    const client = await test.as(user);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift(await placed(n === 2 ? 6 : 1, user.id));
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await client.listUserOrders({ userId: 'me', pageSize: 2, pageToken });
      assert.equal(page.totalSize, 5);
      seen.push(...page.orders.map(({ orderId }) => orderId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(seen, ids);
    const delivered = await client.listUserOrders({ statuses: ['ORDER_STATUS_DELIVERED'] });
    assert.deepEqual([delivered.totalSize, delivered.orders[0]?.orderId], [1, ids[2]]);
  });

  it('refuses page tokens that were tampered with, or belong to another list', async () => {
    const user = { id: uuid() };
    const client = await test.as(user);
    for (let n = 0; n < 2; n++) await placed(1, user.id);
    const { nextPageToken } = await client.listUserOrders({ pageSize: 1 });
    const refused = { code: 'INVALID_ARGUMENT' };
    const tampered = `${nextPageToken.slice(0, -2)}AA`;
    await assert.rejects(client.listUserOrders({ pageSize: 1, pageToken: tampered }), refused);
    const statuses = ['ORDER_STATUS_PAID'] as const;
    await assert.rejects(client.listUserOrders({ pageSize: 1, pageToken: nextPageToken, statuses }), refused);
    const others = test.client.listUserOrders({ pageSize: 1, pageToken: nextPageToken });
    await assert.rejects(others, refused);
  });

  it('sends an order as it is, then every event, and ends with the last one', async () => {
    const orderId = await placed(2);
    const watch = test.client.watchOrder({ orderId: orderId.toUpperCase() })[Symbol.asyncIterator]();
    const first = await watch.next();
    assert.equal(first.value?.order.sequence, 2);
    await publish(orderId, 3, 6);
    const seen: number[] = [];
    for (let step = await watch.next(); step.done !== true; step = await watch.next()) {
      assert.equal(step.value.order?.sequence, step.value.milestone?.sequence);
      seen.push(step.value.order?.sequence ?? 0);
    }
    assert.deepEqual(seen, [3, 4, 5, 6]);
  });

  it('goes on after the event where a stream broke off', async () => {
    const orderId = await placed(6);
    const rest = await Array.fromAsync(test.client.watchOrder({ orderId, afterSequence: 4 }));
    assert.deepEqual(
      rest.map(({ order }) => order?.status),
      ['ORDER_STATUS_IN_TRANSIT', 'ORDER_STATUS_DELIVERED'],
    );
    assert.deepEqual(await Array.fromAsync(test.client.watchOrder({ orderId, afterSequence: 6 })), []);
  });

  it('lets go of watchers that go away or whose deadline passes', async () => {
    const orderId = await placed();
    const gone = new AbortController();
    const watch = test.client.watchOrder({ orderId }, { signal: gone.signal })[Symbol.asyncIterator]();
    await watch.next();
    gone.abort();
    await assert.rejects(watch.next(), { code: 'CANCELLED' });
    const late = Array.fromAsync(test.client.watchOrder({ orderId }, { timeout: '50ms' }));
    await assert.rejects(late, { code: 'DEADLINE_EXCEEDED' });
  });

  it('takes events that come again or too late for what they are', async () => {
    const orderId = await placed(3);
    await publish(orderId, 2, 3);
    await publish(orderId, 4, 4);
    await heard(orderId, 4);
    const { order, history } = await test.client.getOrder({ orderId });
    assert.equal(order?.status, 'ORDER_STATUS_SHIPMENT_SCHEDULED');
    assert.equal(history.length, 4);
  });

  it('keeps why an order failed and what was given back', async () => {
    const orderId = await placed(3);
    const head = { orderId, userId: me, eventTime: new Date(), total: eur(1_999) };
    const refunded = { paymentId: uuid(), amount: eur(1_999), refundedAmount: eur(1_999) };
    const type = 'fairlead.order.v1.OrderEvent';
    await test.events.publish({
      type,
      key: orderId,
      payload: { ...head, sequence: 4, status: 'ORDER_STATUS_PAID', refunded },
    });
    const failed: OrderEvent = { ...head, sequence: 5, status: 'ORDER_STATUS_FAILED', failed: { failure } };
    await test.events.publish({ type, key: orderId, payload: failed });
    await heard(orderId, 5);
    const { order } = await test.client.getOrder({ orderId });
    assert.deepEqual(order?.refundedAmount, eur(1_999));
    assert.equal(order.failure?.reason, 'FAILURE_REASON_OUT_OF_STOCK');
  });

  it('is built anew from the log by a rebuild, whatever had become of it', async () => {
    const orderId = await placed(4);
    const before = await test.client.getOrder({ orderId });
    await test.db.updateTable('orders').set({ status: 'ORDER_STATUS_FAILED', sequence: 0 }).execute();
    await test.db.deleteFrom('orderStates').where('orderId', '=', orderId).execute();
    await assert.rejects(test.client.getOrder({ orderId }), { code: 'NOT_FOUND' });
    await test.events.rebuild('order-query');
    await heard(orderId, 4);
    assert.deepEqual(await test.client.getOrder({ orderId }), before);
    await publish(orderId, 5, 6);
    await heard(orderId, 6);
  });
});
