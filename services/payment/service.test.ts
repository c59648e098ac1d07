// The payment service as others meet it: cards, request ids, refunds, and what v2 adds.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import type { Init } from '#kit/contract/shapes.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { ChargeRequest } from '#proto/fairlead/payment/v1/payment_service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

const env = { SLOW_CARD_DELAY: '200ms' };
const eur = (units: number) => ({ currencyCode: 'EUR', units });
const eventType = 'fairlead.payment.v1.PaymentEvent';

function charge(paymentToken = 'tok_approve', units = 1_999): Init<ChargeRequest> & { orderId: string } {
  return { requestId: uuid(), orderId: uuid(), userId: uuid(), amount: eur(units), paymentToken };
}

describe('payment v1', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { env });
  });
  after(() => test.stop());

  async function charged(units = 1_000): Promise<string> {
    const { payment } = await test.client.charge(charge('tok_approve', units));
    return payment?.paymentId ?? '';
  }

  it('charges a good card, says its version, and tells the others', async () => {
    const request = charge();
    const { payment, version, riskAssessment } = await test.client.charge(request);
    assert.equal(version, 'v1');
    assert.equal(riskAssessment, null);
    assert.equal(payment?.status, 'PAYMENT_STATUS_CHARGED');
    assert.deepEqual(payment.amount, eur(1_999));
    const event = await test.events.next(eventType, ({ key }) => key === request.orderId);
    assert.deepEqual(event.payload.charged, { amount: eur(1_999) });
    assert.equal(event.payload.sequence, 1);
    assert.deepEqual((await test.client.getPayment({ paymentId: payment.paymentId })).payment, payment);
  });

  it('answers a declined card with a declined payment, not with an error', async () => {
    for (const [token, reason] of [
      ['tok_decline', 'CARD_DECLINED'],
      ['tok_never_heard_of', 'CARD_UNKNOWN'],
    ] as const) {
      const request = charge(token);
      const { payment } = await test.client.charge(request);
      assert.equal(payment?.status, 'PAYMENT_STATUS_DECLINED');
      assert.equal(payment.declineReason, reason);
      const event = await test.events.next(eventType, ({ key }) => key === request.orderId);
      assert.equal(event.payload.declined?.declineReason, reason);
    }
  });

  it('charges a slow card after a while', async () => {
    const { payment } = await test.client.charge(charge('tok_slow'));
    assert.equal(payment?.status, 'PAYMENT_STATUS_CHARGED');
  });

  it('takes nothing for an unavailable card: the same request can be sent again', async () => {
    const request = charge('tok_unavailable');
    await assert.rejects(test.client.charge(request), { code: 'UNAVAILABLE' });
    const rows = await test.db.selectFrom('payments').selectAll().where('orderId', '=', request.orderId).execute();
    assert.deepEqual(rows, []);
  });

  it('leaves nothing behind when the deadline is shorter than the work', async () => {
    const request = charge('tok_slow');
    await assert.rejects(test.client.charge(request, { timeout: '50ms' }), { code: 'DEADLINE_EXCEEDED' });
    const { payment } = await test.client.charge(request);
    const rows = await test.db.selectFrom('payments').selectAll().where('orderId', '=', request.orderId).execute();
    assert.deepEqual(
      rows.map((row) => row.paymentId),
      [payment?.paymentId],
    );
  });

  it('charges once for equal requests of one id, also at the same time', async () => {
    const request = charge();
    const answers = await Promise.all(Array.from({ length: 10 }, () => test.client.charge(request)));
    assert.equal(new Set(answers.map(({ payment }) => payment?.paymentId)).size, 1);
    const rows = await test.db.selectFrom('payments').selectAll().where('orderId', '=', request.orderId).execute();
    assert.equal(rows.length, 1);
  });

  it('refuses another charge under a known id', async () => {
    const request = charge();
    await test.client.charge(request);
    await assert.rejects(test.client.charge({ ...request, amount: eur(1) }), { code: 'ALREADY_EXISTS' });
  });

  it('closes a request id with a void card, so that a late charge under it is refused', async () => {
    const request = charge('tok_slow');
    const late = test.client.charge(request);
    const { payment } = await test.client.charge({ ...request, paymentToken: 'tok_void' });
    assert.equal(payment?.declineReason, 'CHARGE_VOIDED');
    await assert.rejects(late, { code: 'ALREADY_EXISTS' });
  });

  it('refuses amounts of zero, absent or negative, and tokens that are none', async () => {
    const refused = { code: 'INVALID_ARGUMENT' };
    await assert.rejects(test.client.charge(charge('tok_approve', 0)), refused);
    await assert.rejects(test.client.charge(charge('tok_approve', -1)), refused);
    await assert.rejects(test.client.charge({ ...charge(), amount: null }), refused);
    await assert.rejects(test.client.charge(charge('4111111111111111')), refused);
    await assert.rejects(test.client.charge({ ...charge(), requestId: 'once' }), refused);
  });

  it('gives back a part, then the rest, and never more than was charged', async () => {
    const paymentId = await charged(1_000);
    const part = await test.client.refund({ requestId: uuid(), paymentId, amount: eur(400), reason: 'scratched' });
    assert.equal(part.payment?.status, 'PAYMENT_STATUS_PARTIALLY_REFUNDED');
    const tooMuch = test.client.refund({ requestId: uuid(), paymentId, amount: eur(601) });
    await assert.rejects(tooMuch, { code: 'FAILED_PRECONDITION' });
    const rest = await test.client.refund({ requestId: uuid(), paymentId });
    assert.equal(rest.payment?.status, 'PAYMENT_STATUS_REFUNDED');
    assert.deepEqual(rest.payment.refundedAmount, eur(1_000));
    const again = await test.client.refund({ requestId: uuid(), paymentId });
    assert.deepEqual(again.payment, rest.payment);
    const last = await test.events.next(
      eventType,
      ({ payload }) => payload.paymentId === paymentId && payload.sequence === 3,
    );
    assert.deepEqual(last.payload.refunded, { amount: eur(600), refundedAmount: eur(1_000), reason: '' });
  });

  it('gives back once for equal refunds of one id, and no more than there is under 20 at once', async () => {
    const paymentId = await charged(1_000);
    const request = { requestId: uuid(), paymentId, amount: eur(300) };
    await Promise.all(Array.from({ length: 5 }, () => test.client.refund(request)));
    assert.deepEqual((await test.client.getPayment({ paymentId })).payment?.refundedAmount, eur(300));
    await assert.rejects(test.client.refund({ ...request, amount: eur(301) }), { code: 'ALREADY_EXISTS' });
    const others = Array.from({ length: 20 }, () =>
      test.client.refund({ requestId: uuid(), paymentId, amount: eur(100) }),
    );
    const outcomes = await Promise.allSettled(others);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 7);
    assert.deepEqual((await test.client.getPayment({ paymentId })).payment?.refundedAmount, eur(1_000));
  });

  it('has nothing to give back of a declined or unknown payment', async () => {
    const { payment } = await test.client.charge(charge('tok_decline'));
    const declined = test.client.refund({ requestId: uuid(), paymentId: payment?.paymentId });
    await assert.rejects(declined, { code: 'FAILED_PRECONDITION' });
    await assert.rejects(test.client.refund({ requestId: uuid(), paymentId: uuid() }), { code: 'NOT_FOUND' });
    await assert.rejects(test.client.getPayment({ paymentId: uuid() }), { code: 'NOT_FOUND' });
  });

  it('never writes a payment token to its log', async () => {
    await test.client.charge(charge('tok_secret_card'));
    assert.doesNotMatch(JSON.stringify(test.logs), /tok_secret_card/);
  });
});

describe('payment v2', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { env: { ...env, SERVICE_VERSION: 'v2' } });
  });
  after(() => test.stop());

  it('says that it is v2 and how it weighed the risk', async () => {
    const { payment, version, riskAssessment } = await test.client.charge(charge());
    assert.equal(version, 'v2');
    assert.equal(payment?.chargedByVersion, 'v2');
    assert.deepEqual(riskAssessment, { score: 0, level: 'RISK_LEVEL_LOW', signals: [] });
    const read = await test.client.getPayment({ paymentId: payment.paymentId });
    assert.deepEqual(read.riskAssessment, riskAssessment);
  });

  it('declines a large charge after a run of declined cards', async () => {
    const userId = uuid();
    for (let n = 0; n < 3; n++) await test.client.charge({ ...charge('tok_decline'), userId });
    const { payment, riskAssessment } = await test.client.charge({ ...charge('tok_approve', 500_000), userId });
    assert.equal(payment?.status, 'PAYMENT_STATUS_DECLINED');
    assert.equal(payment.declineReason, 'RISK_TOO_HIGH');
    assert.deepEqual(riskAssessment?.signals, ['LARGE_AMOUNT', 'MANY_DECLINES']);
  });
});
