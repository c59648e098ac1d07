import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

type Recommendation = TestService<typeof manifest>;

const hour = 3_600_000;
const catalogue = Array.from({ length: 150 }, () => uuid());

const start = () =>
  startTestService(service, {
    fakes: {
      catalog: {
        listProducts: async ({ pageSize }) => ({
          products: catalogue.slice(0, pageSize).map((productId) => ({ productId })),
        }),
      },
    },
  });

interface Order {
  readonly products: readonly string[];
  readonly userId?: string;
  readonly orderId?: string;
  readonly ago?: number;
  readonly quantity?: number;
}

/** Publishes what the order service says of an order that was paid for, and waits until it is learnt. */
async function bought(test: Recommendation, order: Order, what: object = { paid: {} }): Promise<string> {
  const { products, userId = uuid(), orderId = uuid(), ago = 0, quantity = 1 } = order;
  await test.events.publish({
    type: 'fairlead.order.v1.OrderEvent',
    key: orderId,
    payload: {
      orderId,
      userId,
      eventTime: new Date(Date.now() - ago),
      items: products.map((productId) => ({ productId, quantity })),
      ...what,
    },
  });
  return orderId;
}

/** Reads until the answer is as expected; the test's own time limit ends a wait in vain. */
async function eventually<T>(
  test: Recommendation,
  read: () => Promise<T>,
  expected: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await read();
    if (expected(value)) return value;
    await test.application.clock.sleep(20);
  }
}

describe('recommendation', { timeout: 60_000 }, () => {
  let test: Recommendation;
  const [tent, rope, bag, lamp, pan] = Array.from({ length: 5 }, () => uuid());
  const hiker = uuid();
  before(async () => {
    test = await start();
  });
  after(() => test.stop());

  it('gives a new user of a new shop products in the order of the catalogue', async () => {
    const { recommendations } = await test.client.getRecommendations({ pageSize: 3, productIds: [catalogue[0] ?? ''] });
    assert.deepEqual(
      recommendations.map(({ productId, reason }) => [productId, reason]),
      catalogue.slice(1, 4).map((productId) => [productId, 'RECOMMENDATION_REASON_UNSPECIFIED']),
    );
    assert.deepEqual((await test.client.getTrending({})).products, []);
  });

  it('learns what sells well from orders that were paid for, the recent weighing more', async () => {
    await bought(test, { products: [lamp ?? ''], quantity: 10, ago: 150 * hour });
    await bought(test, { products: [pan ?? ''], quantity: 6 });
    await bought(test, { products: [uuid()], quantity: 99 }, { created: {} });
    const { products } = await eventually(
      test,
      () => test.client.getTrending({}),
      (answer) => answer.products.length === 2,
    );
    assert.deepEqual(
      products.map(({ productId, soldQuantity }) => [productId, soldQuantity]),
      [
        [pan, 6],
        [lamp, 10],
      ],
    );
    // Half of the weight is gone with every quarter of the week.
    assert.ok(Math.abs((products[1]?.score ?? 0) - 10 * 0.5 ** (150 / 42)) < 0.01);
    const { products: today } = await test.client.getTrending({ window: { seconds: 24 * 3_600 } });
    assert.deepEqual(
      today.map(({ productId }) => productId),
      [pan],
    );
  });

  it('gives a new user what is trending, then the catalogue', async () => {
    const { recommendations } = await test.client.getRecommendations({ pageSize: 4 });
    assert.deepEqual(
      recommendations.map(({ productId }) => productId),
      [pan, lamp, catalogue[0], catalogue[1]],
    );
  });

  it('recommends what was bought together with what the user bought, and says with which', async () => {
    for (const products of [
      [tent, rope],
      [tent, rope, bag],
      [rope, bag, lamp],
    ]) {
      await bought(test, { products: products.map(String) });
    }
    await bought(test, { products: [tent ?? ''], userId: hiker });
    const client = await test.as({ id: hiker });
    const { recommendations } = await eventually(
      test,
      () => client.getRecommendations({ pageSize: 3 }),
      ({ recommendations: [first, second] }) => first?.productId === rope && second?.productId === bag,
    );
    assert.deepEqual(
      recommendations.map(({ productId, reason, becauseOfProductId }) => [productId, reason, becauseOfProductId]),
      [
        [rope, 'RECOMMENDATION_REASON_BOUGHT_TOGETHER', tent],
        [bag, 'RECOMMENDATION_REASON_BOUGHT_TOGETHER', tent],
        [pan, 'RECOMMENDATION_REASON_TRENDING', ''],
      ],
    );
  });

  it('takes the basket into account and never recommends it back', async () => {
    const client = await test.as({ id: hiker });
    const basket = [rope ?? '', (bag ?? '').toUpperCase()];
    const { recommendations } = await client.getRecommendations({ pageSize: 100, productIds: basket });
    const ids = recommendations.map(({ productId }) => productId);
    assert.equal(ids.length, 100);
    assert.equal(ids[0], lamp);
    for (const known of [tent, rope, bag]) assert.ok(!ids.includes(known ?? ''));
  });

  it('forgets an order that was called off, and counts one event once', async () => {
    const [kite, string] = [uuid(), uuid()];
    const order = { products: [kite, string], orderId: uuid(), quantity: 500 };
    await bought(test, order);
    await bought(test, order);
    const sold = async () => (await test.client.getTrending({ pageSize: 100 })).products;
    const there = await eventually(test, sold, (products) => products.some(({ productId }) => productId === kite));
    assert.equal(there.find(({ productId }) => productId === kite)?.soldQuantity, 500);
    const counts = () =>
      test.db.selectFrom('boughtTogether').select('orderCount').where('productId', '=', kite).execute();
    assert.deepEqual(await counts(), [{ orderCount: 1 }]);
    await bought(test, order, { cancelled: {} });
    await eventually(test, sold, (products) => !products.some(({ productId }) => productId === kite));
    assert.deepEqual(await counts(), [{ orderCount: 0 }]);
  });

  it('does not show what another user may like', async () => {
    await assert.rejects(
      test.client.getRecommendations({ userId: hiker }),
      (error) => RpcError.is(error) && error.code === 'NOT_FOUND',
    );
    const nobody = await test.as(null);
    await assert.rejects(nobody.getRecommendations({}), { code: 'UNAUTHENTICATED' });
    assert.ok((await nobody.getTrending({ pageSize: 1 })).products.length === 1);
  });

  it('refuses pages over 100 and windows under a minute or over 30 days', async () => {
    const invalid = { code: 'INVALID_ARGUMENT' };
    await assert.rejects(test.client.getTrending({ pageSize: 101 }), invalid);
    await assert.rejects(test.client.getTrending({ pageSize: -1 }), invalid);
    await assert.rejects(test.client.getTrending({ window: { seconds: 59 } }), invalid);
    await assert.rejects(test.client.getTrending({ window: { seconds: 2_592_001 } }), invalid);
    await assert.rejects(test.client.getRecommendations({ productIds: ['tent'] }), invalid);
  });

  it('does not ask the catalogue where orders say enough', async () => {
    const asked = test.mocks.catalog.calls.length;
    assert.equal((await test.client.getRecommendations({ pageSize: 1 })).recommendations.length, 1);
    assert.equal(test.mocks.catalog.calls.length, asked);
  });

  it('forgets everything at the beginning of a rebuild', async () => {
    await test.application.transaction(async (unit) => service.hooks.rebuild?.(unit));
    assert.deepEqual((await test.client.getTrending({})).products, []);
    assert.deepEqual(await test.db.selectFrom('boughtTogether').selectAll().execute(), []);
  });
});
