// Calling orders off: what is undone, until when, by whom; and what the carrier's news do to an order.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import { RpcError } from '#kit';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { Order } from '#proto/fairlead/order/v1/order.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type manifest from './manifest.ts';
import service from './service.ts';
import { basketOf, eventsOf, eventType, isLast } from './testing/orders.ts';
import { World } from './testing/world.ts';

const eur = (units: number) => ({ currencyCode: 'EUR', units });

/** True for a refusal of this type. */
const tooLate = (type: string) => (error: unknown) =>
  RpcError.is(error) &&
  error.code === 'FAILED_PRECONDITION' &&
  error.details.preconditionViolations?.some((violation) => violation.type === type) === true;

describe('an order that was placed', () => {
  const me = uuid();
  const world = new World();
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { user: { id: me }, fakes: world.fakes });
  });
  after(() => test.stop());

  async function place(product = world.addProduct()): Promise<Order> {
    const { order } = await test.client.createOrder(basketOf(product));
    assert.ok(order);
    return order;
  }

  /** Tells the service of a parcel, as shipping would. */
  async function carrier({ orderId, shipmentId }: Order, ...states: readonly ShipmentState[]): Promise<void> {
    for (const state of states) {
      const payload = { orderId, shipmentId, state };
      await test.events.publish({ type: 'fairlead.shipping.v1.ShipmentEvent', key: orderId, payload });
    }
  }

  const until = (orderId: string, event: string) =>
    test.events.next(eventType, ({ key, payload }) => key === orderId && payload.event === event);
  const kinds = (orderId: string) => eventsOf(test.events.published, orderId).map(({ event }) => event);

  it('is called off: shipment cancelled, money given back, stock released, in that order', async () => {
    const product = world.addProduct();
    const { orderId } = await place(product);
    const { order } = await test.client.cancelOrder({ orderId, reason: 'changed my mind' });
    assert.equal(order?.status, 'ORDER_STATUS_CANCELLED');
    assert.deepEqual(order.refundedAmount, eur(1_000));
    assert.deepEqual(world.deedsOf(orderId).slice(4), ['cancel', 'refund', 'release']);
    assert.deepEqual(world.balance(orderId), { charged: 0, parcels: 0 });
    assert.equal(world.stock.get(product), 10);
    const { payload } = await until(orderId, 'cancelled');
    assert.deepEqual(payload.cancelled, { reason: 'changed my mind', cancelledByUserId: me });
    assert.deepEqual(kinds(orderId).slice(4), ['refunded', 'cancelled']);
    assert.equal(payload.sequence, 6);
  });

  it('is called off once, however often that is asked, also at the same time', async () => {
    const { orderId } = await place();
    const answers = await Promise.all(Array.from({ length: 4 }, () => test.client.cancelOrder({ orderId })));
    for (const { order } of answers) assert.equal(order?.status, 'ORDER_STATUS_CANCELLED');
    assert.equal((await test.client.cancelOrder({ orderId })).order?.sequence, 6);
    assert.deepEqual(world.deedsOf(orderId).slice(4), ['cancel', 'refund', 'release']);
  });

  it('does not exist for another user, and can be called off by support', async () => {
    const { orderId } = await place();
    const stranger = await test.as({});
    await assert.rejects(stranger.cancelOrder({ orderId }), { code: 'NOT_FOUND' });
    await assert.rejects(test.client.cancelOrder({ orderId: uuid() }), { code: 'NOT_FOUND' });
    await assert.rejects(test.client.cancelOrder({ orderId: 'mine' }), { code: 'INVALID_ARGUMENT' });
    const support = await test.as({ roles: ['support'] });
    assert.equal((await support.cancelOrder({ orderId })).order?.status, 'ORDER_STATUS_CANCELLED');
  });

  it('follows its parcel to the door, and cannot be called off on the way nor there', async () => {
    const order = await place();
    const { orderId } = order;
    await carrier(order, 'SHIPMENT_STATE_SCHEDULED', 'SHIPMENT_STATE_PACKED', 'SHIPMENT_STATE_IN_TRANSIT');
    await until(orderId, 'inTransit');
    await assert.rejects(test.client.cancelOrder({ orderId }), tooLate('ALREADY_IN_TRANSIT'));
    await carrier(order, 'SHIPMENT_STATE_OUT_FOR_DELIVERY', 'SHIPMENT_STATE_DELIVERED');
    const { payload } = await until(orderId, 'delivered');
    assert.equal(payload.status, 'ORDER_STATUS_DELIVERED');
    assert.equal(payload.sequence, 6);
    await assert.rejects(test.client.cancelOrder({ orderId }), tooLate('ORDER_FINAL'));
  });

  it('goes on if the carrier was quicker than the wish to call it off', async () => {
    const order = await place();
    for (const shipment of world.shipments.values()) {
      if (shipment.orderId === order.orderId) shipment.state = 'IN_TRANSIT';
    }
    await assert.rejects(test.client.cancelOrder({ orderId: order.orderId }), tooLate('ALREADY_IN_TRANSIT'));
    await carrier(order, 'SHIPMENT_STATE_IN_TRANSIT', 'SHIPMENT_STATE_DELIVERED');
    await until(order.orderId, 'delivered');
    assert.deepEqual(world.balance(order.orderId), { charged: 1_000, parcels: 1 });
  });

  it('hears of its parcel before it is told that there is one', async () => {
    const product = world.addProduct();
    world.trouble(product, { deed: 'schedule', done: true, error: new RpcError('UNAVAILABLE', 'lost'), times: 2 });
    const placing = test.client.createOrder(basketOf(product));
    const paid = await test.events.next(
      eventType,
      ({ payload }) => payload.event === 'paid' && payload.items[0]?.productId === product,
    );
    await carrier({ orderId: paid.key, shipmentId: uuid() } as Order, 'SHIPMENT_STATE_IN_TRANSIT');
    await placing;
    await until(paid.key, 'inTransit');
    assert.deepEqual(kinds(paid.key).slice(3), ['shipmentScheduled', 'inTransit']);
  });

  it('is not moved by news of other parcels, or of one that comes after its end', async () => {
    const order = await place();
    await test.client.cancelOrder({ orderId: order.orderId });
    await carrier({ ...order, orderId: uuid() }, 'SHIPMENT_STATE_DELIVERED');
    await carrier(order, 'SHIPMENT_STATE_CANCELLED', 'SHIPMENT_STATE_DELIVERED');
    const other = await place();
    await carrier(other, 'SHIPMENT_STATE_IN_TRANSIT');
    await until(other.orderId, 'inTransit');
    assert.equal((await test.client.cancelOrder({ orderId: order.orderId })).order?.status, 'ORDER_STATUS_CANCELLED');
  });

  it('cannot be called off when it has failed', async () => {
    const { orderId, status } = await place(world.addProduct({ stock: 0 }));
    assert.equal(status, 'ORDER_STATUS_FAILED');
    await assert.rejects(test.client.cancelOrder({ orderId }), tooLate('ORDER_FINAL'));
  });

  it('is called off while it is being placed: it ends cancelled, whichever way placing ends', async () => {
    for (const fails of [false, true]) {
      const product = world.addProduct();
      const busy = new RpcError('UNAVAILABLE', 'busy');
      world.trouble(product, { deed: 'commit', done: false, error: busy, times: 3 });
      const expired = new RpcError('FAILED_PRECONDITION', 'expired');
      if (fails) world.trouble(product, { deed: 'commit', done: false, error: expired });
      const placing = test.client.createOrder(basketOf(product));
      const { key: orderId } = await test.events.next(
        eventType,
        ({ payload }) => payload.event === 'paid' && payload.items[0]?.productId === product,
      );
      const { order } = await test.client.cancelOrder({ orderId });
      assert.equal(order?.status, 'ORDER_STATUS_CANCELLED');
      assert.equal(order.failure, null);
      await placing;
      assert.deepEqual(world.balance(orderId), { charged: 0, parcels: 0 });
      assert.equal(world.stock.get(product), 10);
    }
  });

  it('answers as far as undoing has come when the deadline is shorter, and goes on until all is undone', async () => {
    const product = world.addProduct();
    const { orderId } = await place(product);
    const busy = new RpcError('UNAVAILABLE', 'busy');
    world.trouble(product, { deed: 'refund', done: false, error: busy, times: 4 });
    const { order } = await test.client.cancelOrder({ orderId }, { timeout: '300ms' });
    assert.equal(order?.status, 'ORDER_STATUS_SHIPMENT_SCHEDULED');
    await test.events.next(eventType, (event) => event.key === orderId && isLast(event));
    assert.deepEqual(world.deedsOf(orderId).slice(4), ['cancel', 'refund', 'release']);
  });
});
