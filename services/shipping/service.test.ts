// The shipping service as others meet it: scheduling once, the way to the door, calling off in time, following along.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import type { Init } from '#kit/contract/shapes.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { ScheduleRequest } from '#proto/fairlead/shipping/v1/shipping_service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

const eventType = 'fairlead.shipping.v1.ShipmentEvent';
const journey = ['SCHEDULED', 'PACKED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED'].map(
  (state) => `SHIPMENT_STATE_${state}`,
);

function order(): Init<ScheduleRequest> & { orderId: string } {
  const address = { recipient: 'Ada', lines: ['Long Lane 1'], city: 'Leeds', countryCode: 'GB' };
  return { requestId: uuid(), orderId: uuid(), userId: uuid(), address, items: [{ productId: uuid(), quantity: 2 }] };
}

describe('a quick carrier', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { env: { SHIPMENT_STEP: '40ms' } });
  });
  after(() => test.stop());

  it('carries a parcel through every state to its door, and ends the stream there', async () => {
    const { shipment } = await test.client.schedule(order());
    assert.match(shipment?.trackingNumber ?? '', /^FL[0-9A-F]{12}$/);
    const seen: string[] = [];
    for await (const { shipment: now } of test.client.track({ shipmentId: shipment?.shipmentId })) {
      seen.push(now?.state ?? '');
      assert.deepEqual(now?.address, shipment?.address);
    }
    assert.deepEqual(seen, journey.slice(-seen.length));
    assert.equal(seen.at(-1), 'SHIPMENT_STATE_DELIVERED');
  });

  it('tells of every state, in order and without a gap', async () => {
    const request = order();
    await test.client.schedule(request);
    await test.events.next(
      eventType,
      ({ key, payload }) => key === request.orderId && payload.state === 'SHIPMENT_STATE_DELIVERED',
    );
    const events = test.events.published
      .filter(({ key }) => key === request.orderId)
      .map(({ payload }) => payload as { sequence: number; state: string; previousState: string });
    assert.deepEqual(
      events.map(({ state }) => state),
      journey,
    );
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5],
    );
    assert.deepEqual(
      events.map(({ previousState }) => previousState),
      ['SHIPMENT_STATE_UNSPECIFIED', ...journey.slice(0, -1)],
    );
  });

  it('cannot be called back once it has the parcel', async () => {
    const { shipment } = await test.client.schedule(order());
    const { shipmentId = '' } = shipment ?? {};
    for await (const { shipment: now } of test.client.track({ shipmentId })) {
      if (now?.state === 'SHIPMENT_STATE_IN_TRANSIT') break;
    }
    await assert.rejects(test.client.cancel({ shipmentId }), (error: { code?: string; details?: object }) => {
      assert.equal(error.code, 'FAILED_PRECONDITION');
      assert.match(JSON.stringify(error.details), /ALREADY_IN_TRANSIT/);
      return true;
    });
  });
});

describe('a slow carrier', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { env: { SHIPMENT_STEP: '1h' } });
  });
  after(() => test.stop());

  it('plans one shipment for equal requests of one id, and refuses another under it', async () => {
    const request = order();
    const answers = await Promise.all(Array.from({ length: 5 }, () => test.client.schedule(request)));
    assert.equal(new Set(answers.map(({ shipment }) => shipment?.shipmentId)).size, 1);
    await assert.rejects(test.client.schedule({ ...request, orderId: uuid() }), { code: 'ALREADY_EXISTS' });
  });

  it('refuses bad addresses and quantities', async () => {
    const refused = { code: 'INVALID_ARGUMENT' };
    await assert.rejects(test.client.schedule({ ...order(), address: null }), refused);
    for (const quantity of [0, -1, 2 ** 31 - 1]) {
      await assert.rejects(test.client.schedule({ ...order(), items: [{ productId: uuid(), quantity }] }), refused);
    }
  });

  it('calls a shipment off, once and with one event, and those who follow it hear the end', async () => {
    const request = order();
    const { shipment } = await test.client.schedule(request);
    const { shipmentId = '' } = shipment ?? {};
    const stream = test.client.track({ shipmentId: shipmentId.toUpperCase() })[Symbol.asyncIterator]();
    assert.equal((await stream.next()).value.shipment.state, 'SHIPMENT_STATE_SCHEDULED');
    await test.client.cancel({ shipmentId });
    assert.equal((await stream.next()).value.shipment.state, 'SHIPMENT_STATE_CANCELLED');
    assert.equal((await stream.next()).done, true);
    const again = await test.client.cancel({ shipmentId });
    assert.equal(again.shipment?.state, 'SHIPMENT_STATE_CANCELLED');
    const states = await test.db
      .selectFrom('shipmentStates')
      .selectAll()
      .where('shipmentId', '=', shipmentId)
      .execute();
    assert.equal(states.length, 2);
  });

  it('says NOT_FOUND for unknown shipments', async () => {
    await assert.rejects(test.client.cancel({ shipmentId: uuid() }), { code: 'NOT_FOUND' });
    await assert.rejects(Array.fromAsync(test.client.track({ shipmentId: uuid() })), { code: 'NOT_FOUND' });
  });

  it('forgets callers that go away in the middle of a stream', async () => {
    const { shipment } = await test.client.schedule(order());
    const gone = new AbortController();
    const stream = test.client.track({ shipmentId: shipment?.shipmentId }, { signal: gone.signal });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    gone.abort();
    await assert.rejects(reader.next(), { code: 'CANCELLED' });
    await assert.rejects(
      Array.fromAsync(test.client.track({ shipmentId: shipment?.shipmentId }, { timeout: '50ms' })),
      { code: 'DEADLINE_EXCEEDED' },
    );
    assert.equal((await test.client.cancel({ shipmentId: shipment?.shipmentId })).shipment?.orderId.length, 36);
  });

  it('goes on where it was after a restart', async () => {
    const { shipment } = await test.client.schedule(order());
    const { shipmentId = '' } = shipment ?? {};
    test = await test.restart();
    const due = test.db.updateTable('shipments').set({ nextStepAt: new Date(0) });
    await due.where('shipmentId', '=', shipmentId).execute();
    for await (const { shipment: now } of test.client.track({ shipmentId })) {
      if (now?.state === 'SHIPMENT_STATE_PACKED') break;
    }
  });
});
