// The test helper itself: a small service with a database, events, a saga and a call, started as services' own tests do it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import type { Init, Message } from '../contract/shapes.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { calls, database, defineService } from '../manifest.ts';
import { defineSaga } from '../saga/define-saga.ts';
import { implement } from '../service.ts';
import { startTestService, type TestService } from './start-test-service.ts';

interface Tables {
  parcel: { id: string; orderId: string; paymentId: string };
}

const manifest = defineService({
  name: 'trial',
  contract: 'fairlead.shipping.v1.ShippingService',
  description: 'Sends parcels that were paid for.',
  calls: { payment: calls('fairlead.payment.v1.PaymentService', ['Charge']) },
  database: database<Tables>(),
  publishes: ['fairlead.shipping.v1.ShipmentEvent'],
  consumes: ['fairlead.order.v1.OrderEvent'],
});
type Manifest = typeof manifest;

interface SendState {
  readonly orderId: string;
  readonly paymentId: string;
}

const send = defineSaga<Manifest, SendState>({
  name: 'send',
  steps: [
    {
      name: 'charge',
      async run({ orderId }, { clients, requestId }) {
        const { payment } = await clients.payment.charge({ requestId, orderId });
        return { paymentId: payment?.paymentId ?? '' };
      },
    },
  ],
  async completed({ orderId, paymentId }, unit) {
    await unit.db.insertInto('parcel').values({ id: uuid(), orderId, paymentId }).execute();
    await unit.publish({ type: 'fairlead.shipping.v1.ShipmentEvent', key: orderId, payload: { orderId, sequence: 1 } });
  },
});

const service = implement(
  manifest,
  {
    async schedule({ requestId, orderId }, context) {
      const { once } = context;
      const id = uuid();
      const { shipment } = await once({ requestId }, async (unit) => {
        await send.start(unit, id, { orderId, paymentId: '' });
        return { shipment: { shipmentId: id } };
      });
      const outcome = await send.wait(context, shipment.shipmentId);
      if (outcome.status === 'COMPENSATED') {
        throw new RpcError(outcome.failure?.code ?? 'INTERNAL', outcome.failure?.message ?? '');
      }
      return { shipment: { orderId, trackingNumber: outcome.state.paymentId } };
    },
    async cancel(_, { user }) {
      return { shipment: { userId: user().id } };
    },
    async *track({ shipmentId }) {
      yield { shipment: { shipmentId } };
    },
  },
  {
    sagas: [send],
    on: {
      async 'fairlead.order.v1.OrderEvent'({ payload }, { db, publish }) {
        await db.insertInto('parcel').values({ id: uuid(), orderId: payload.orderId, paymentId: 'by event' }).execute();
        await publish({ type: 'fairlead.shipping.v1.ShipmentEvent', key: payload.orderId, payload: { sequence: 9 } });
      },
    },
  },
);

function valid(): Init<Message<'fairlead.shipping.v1.ScheduleRequest'>> {
  const address = { recipient: 'A', lines: ['B 1'], city: 'C', countryCode: 'DE' };
  return { requestId: uuid(), orderId: uuid(), userId: uuid(), address, items: [{ productId: uuid(), quantity: 1 }] };
}

describe('startTestService', () => {
  const migrations = mkdtempSync(join(tmpdir(), 'fairlead-trial-'));
  let test: TestService<Manifest>;
  before(async () => {
    const sql = 'create table parcel (id uuid primary key, order_id text not null, payment_id text not null)';
    writeFileSync(join(migrations, '0001-parcel.sql'), sql);
    test = await startTestService(service, {
      migrations,
      fakes: { payment: { charge: async ({ orderId }) => ({ payment: { paymentId: `paid ${orderId}` } }) } },
    });
  });
  after(async () => {
    await test.stop();
    rmSync(migrations, { recursive: true });
  });

  it('runs the service with its database, its fakes and its events', async () => {
    const requestId = uuid();
    const orderId = uuid();
    const request = { ...valid(), requestId, orderId };
    const answers = await Promise.all([test.client.schedule(request), test.client.schedule(request)]);
    for (const { shipment } of answers) assert.equal(shipment?.trackingNumber, `paid ${orderId}`);
    const charges = test.mocks.payment.callsOf('Charge');
    assert.equal(charges.length, 1);
    assert.deepEqual(charges[0]?.requests.length, 1);
    const rows = await test.db.selectFrom('parcel').selectAll().where('orderId', '=', orderId).execute();
    assert.equal(rows.length, 1);
    const event = await test.events.next('fairlead.shipping.v1.ShipmentEvent', ({ key }) => key === orderId);
    assert.equal(event.payload.sequence, 1);
  });

  it('gives the service events of others', async () => {
    const orderId = uuid();
    const event = { id: uuid(), type: 'fairlead.order.v1.OrderEvent', key: orderId, payload: { orderId } } as const;
    await test.events.publish(event);
    await test.events.publish(event);
    await test.events.next('fairlead.shipping.v1.ShipmentEvent', ({ key }) => key === orderId);
    const rows = await test.db.selectFrom('parcel').selectAll().where('orderId', '=', orderId).execute();
    assert.deepEqual(
      rows.map((row) => row.paymentId),
      ['by event'],
    );
  });

  it('calls as users, as nobody, and with forged tokens', async () => {
    const id = uuid();
    const asUser = await test.as({ id, roles: ['support'] });
    assert.equal((await asUser.cancel({ shipmentId: uuid() })).shipment?.userId, id);
    const asNobody = await test.as(null);
    await assert.rejects(asNobody.cancel({ shipmentId: uuid() }), { code: 'UNAUTHENTICATED' });
    const forged = test.withMetadata({ authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' });
    await assert.rejects(forged.cancel({ shipmentId: uuid() }), { code: 'UNAUTHENTICATED' });
    const expired = test.withMetadata({ authorization: `Bearer ${await test.token({}, { expired: true })}` });
    await assert.rejects(expired.cancel({ shipmentId: uuid() }), { code: 'UNAUTHENTICATED' });
  });

  it('changes the answers of called services while the test goes on: errors, then delayed replies', async () => {
    const payment = { paymentId: 'late' };
    test.mocks.payment.reply(
      'Charge',
      { error: new RpcError('UNAVAILABLE', 'the card network is away') },
      { delay: '20ms', response: { payment } },
    );
    const { shipment } = await test.client.schedule(valid());
    assert.equal(shipment?.trackingNumber, 'late');
    const ids = test.mocks.payment
      .callsOf('Charge')
      .slice(-2)
      .map(({ requests }) => (requests[0] as { requestId: string }).requestId);
    assert.equal(new Set(ids).size, 1, 'the step is tried again under one request id');
    test.mocks.payment.reply('Charge', { error: new RpcError('FAILED_PRECONDITION', 'declined') });
    const declined = test.client.schedule(valid());
    await assert.rejects(declined, { code: 'FAILED_PRECONDITION', message: 'declined' });
  });

  it('starts the service again on the same database', async () => {
    const before = await test.db.selectFrom('parcel').selectAll().execute();
    test = await test.restart();
    assert.deepEqual(await test.db.selectFrom('parcel').selectAll().execute(), before);
    const shipmentId = uuid();
    for await (const { shipment } of test.client.track({ shipmentId })) assert.equal(shipment?.shipmentId, shipmentId);
  });
});
