import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

type Inventory = TestService<typeof manifest>;

/** A fresh product with so many pieces. */
async function stocked({ client }: Inventory, available: number): Promise<string> {
  const productId = uuid();
  await client.setStock({ counts: [{ productId, available }] });
  return productId;
}

async function levelOf({ client }: Inventory, productId: string) {
  const { levels } = await client.getStock({ productIds: [productId] });
  return { available: levels[0]?.available, reserved: levels[0]?.reserved };
}

async function reserved({ client }: Inventory, productId: string, quantity: number): Promise<string> {
  const request = { requestId: uuid(), orderId: uuid(), items: [{ productId, quantity }] };
  return (await client.reserve(request)).reservation?.reservationId ?? '';
}

const outOfStock = (error: unknown) =>
  RpcError.is(error) && error.code === 'FAILED_PRECONDITION' && error.details.reason === 'OUT_OF_STOCK';

describe('inventory', () => {
  let test: Inventory;
  before(async () => {
    // Other services call it, with no user behind them.
    test = await startTestService(service, {
      user: null,
      env: { INVENTORY_SWEEP_INTERVAL: '50ms' },
      fakes: { catalog: { listProducts: async () => ({ products: [] }) } },
    });
  });
  after(() => test.stop());

  it('never sells more than there is to 200 who want it at once', async () => {
    const productId = await stocked(test, 50);
    const attempts = Array.from({ length: 200 }, () => reserved(test, productId, 1));
    const outcomes = await Promise.allSettled(attempts);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(outcomes.length - refused.length, 50);
    for (const { reason } of refused) assert.ok(outOfStock(reason), String(reason));
    assert.deepEqual(await levelOf(test, productId), { available: 0, reserved: 50 });
  });

  it('sets aside orders of several products in any order at once without a deadlock, all or nothing', async () => {
    const [one, two] = [await stocked(test, 100), await stocked(test, 60)];
    const attempts = Array.from({ length: 100 }, (_, index) => {
      const items = [one, two].map((productId) => ({ productId, quantity: 1 }));
      if (index % 2 === 1) items.reverse();
      return test.client.reserve({ requestId: uuid(), orderId: uuid(), items });
    });
    const outcomes = await Promise.allSettled(attempts);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(outOfStock(outcome.reason), String(outcome.reason));
    }
    assert.deepEqual(await levelOf(test, one), { available: 40, reserved: 60 });
    assert.deepEqual(await levelOf(test, two), { available: 0, reserved: 60 });
  });

  it('names every product that is short, and changes nothing', async () => {
    const [one, two, three] = [await stocked(test, 1), await stocked(test, 9), await stocked(test, 0)];
    const items = [one, two, three].map((productId) => ({ productId, quantity: 5 }));
    await assert.rejects(test.client.reserve({ requestId: uuid(), orderId: uuid(), items }), (error) => {
      assert.ok(RpcError.is(error) && outOfStock(error));
      const violations = error.details.preconditionViolations ?? [];
      assert.deepEqual(
        violations.map(({ type, subject }) => [type, subject]).toSorted(),
        [one, three].map((productId) => ['OUT_OF_STOCK', productId]).toSorted(),
      );
      return true;
    });
    assert.deepEqual(await levelOf(test, two), { available: 9, reserved: 0 });
  });

  it('adds up quantities of the same product', async () => {
    const productId = await stocked(test, 5);
    const items = [3, 3].map((quantity) => ({ productId, quantity }));
    await assert.rejects(test.client.reserve({ requestId: uuid(), orderId: uuid(), items }), outOfStock);
    const two = [productId.toUpperCase(), productId].map((id) => ({ productId: id, quantity: 2 }));
    const { reservation } = await test.client.reserve({ requestId: uuid(), orderId: uuid(), items: two });
    assert.deepEqual(reservation?.items, [{ productId, quantity: 4 }]);
  });

  it('says NOT_FOUND for an unknown product or reservation', async () => {
    const items = [{ productId: uuid(), quantity: 1 }];
    await assert.rejects(test.client.reserve({ requestId: uuid(), orderId: uuid(), items }), { code: 'NOT_FOUND' });
    await assert.rejects(test.client.commit({ reservationId: uuid() }), { code: 'NOT_FOUND' });
    await assert.rejects(test.client.release({ reservationId: uuid() }), { code: 'NOT_FOUND' });
    const productId = await stocked(test, 3);
    const unknown = uuid();
    const { levels, missingProductIds } = await test.client.getStock({ productIds: [unknown, productId] });
    assert.deepEqual([levels.length, missingProductIds], [1, [unknown]]);
  });

  it('refuses quantities 0, negative, 1,001 and 2^31', async () => {
    const productId = await stocked(test, 5);
    for (const quantity of [0, -1, 1_001, 2 ** 31]) {
      const request = { requestId: uuid(), orderId: uuid(), items: [{ productId, quantity }] };
      await assert.rejects(test.client.reserve(request), (error) => {
        // A client of this platform does not even send a number that the field cannot carry.
        return error instanceof TypeError || (RpcError.is(error) && error.code === 'INVALID_ARGUMENT');
      });
    }
    assert.deepEqual(await levelOf(test, productId), { available: 5, reserved: 0 });
  });

  it('reserves once for one request id, however often it comes, and answers with the reservation as it is', async () => {
    const productId = await stocked(test, 10);
    const request = { requestId: uuid(), orderId: uuid(), items: [{ productId, quantity: 4 }] };
    const answers = await Promise.all(Array.from({ length: 5 }, () => test.client.reserve(request)));
    const ids = new Set(answers.map(({ reservation }) => reservation?.reservationId));
    assert.equal(ids.size, 1);
    assert.deepEqual(await levelOf(test, productId), { available: 6, reserved: 4 });
    await test.client.commit({ reservationId: [...ids][0] });
    const { reservation } = await test.client.reserve(request);
    assert.equal(reservation?.state, 'RESERVATION_STATE_COMMITTED');
    const other = { ...request, items: [{ productId, quantity: 5 }] };
    await assert.rejects(test.client.reserve(other), { code: 'ALREADY_EXISTS' });
  });

  it('takes committed pieces out, and gives them back on release, once each', async () => {
    const productId = await stocked(test, 10);
    const reservationId = await reserved(test, productId, 3);
    assert.deepEqual(await levelOf(test, productId), { available: 7, reserved: 3 });
    await Promise.all([test.client.commit({ reservationId }), test.client.commit({ reservationId })]);
    assert.deepEqual(await levelOf(test, productId), { available: 7, reserved: 0 });
    await Promise.all([test.client.release({ reservationId }), test.client.release({ reservationId })]);
    assert.deepEqual(await levelOf(test, productId), { available: 10, reserved: 0 });
    await assert.rejects(test.client.commit({ reservationId }), (error) => {
      return RpcError.is(error) && error.details.preconditionViolations?.[0]?.type === 'RESERVATION_RELEASED';
    });
  });

  it('gives held pieces back when their time has run out, and does not commit them afterwards', async () => {
    const productId = await stocked(test, 10);
    const request = { requestId: uuid(), orderId: uuid(), items: [{ productId, quantity: 6 }] };
    const { reservation } = await test.client.reserve({ ...request, timeToLive: { seconds: 3600 } });
    const { reservationId } = reservation ?? {};
    const past = new Date(Date.now() - 1);
    await test.db
      .updateTable('reservations')
      .set({ expireTime: past })
      .where('reservationId', '=', reservationId ?? '')
      .execute();
    const expired = await test.events.next(
      'fairlead.inventory.v1.StockEvent',
      ({ key, payload }) => key === productId && payload.change === 'STOCK_CHANGE_EXPIRED',
    );
    assert.equal(expired.payload.reservationId, reservationId);
    assert.deepEqual(await levelOf(test, productId), { available: 10, reserved: 0 });
    await assert.rejects(test.client.commit({ reservationId }), (error) => {
      return RpcError.is(error) && error.details.preconditionViolations?.[0]?.type === 'RESERVATION_EXPIRED';
    });
    const { reservation: after } = await test.client.release({ reservationId });
    assert.equal(after?.state, 'RESERVATION_STATE_EXPIRED');
  });

  it('refuses to hold pieces for less than a second or more than an hour', async () => {
    const items = [{ productId: await stocked(test, 1), quantity: 1 }];
    for (const timeToLive of [{ nanos: 999_999_999 }, { seconds: 3_601 }]) {
      const request = { requestId: uuid(), orderId: uuid(), items, timeToLive };
      await assert.rejects(test.client.reserve(request), { code: 'INVALID_ARGUMENT' });
    }
  });

  it('sets counts of many products at once, leaves reservations alone, and refuses one product twice', async () => {
    const productId = await stocked(test, 10);
    await reserved(test, productId, 4);
    const { levels } = await test.client.setStock({
      counts: [
        { productId: productId.toUpperCase(), available: 30 },
        { productId: uuid(), available: 1 },
      ],
    });
    assert.deepEqual([levels[0]?.productId, levels[0]?.available, levels[0]?.reserved], [productId, 30, 4]);
    assert.equal(levels[1]?.available, 1);
    const version = levels[0]?.version;
    const again = await test.client.setStock({ counts: [{ productId, available: 30 }] });
    assert.equal(again.levels[0]?.version, version);
    const twice = [1, 2].map((available) => ({ productId, available }));
    await assert.rejects(test.client.setStock({ counts: twice }), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(test.client.setStock({ counts: [{ productId, available: -1 }] }), {
      code: 'INVALID_ARGUMENT',
    });
  });

  it('tells watchers the present level, then changes, the newest last', async () => {
    const [one, two] = [await stocked(test, 10), await stocked(test, 20)];
    const stream = test.client.watchStock({ productIds: [one, two] })[Symbol.asyncIterator]();
    const next = async () => (await stream.next()).value?.level;
    const first = [await next(), await next()];
    assert.deepEqual(first.map((level) => level?.available).toSorted(), [10, 20]);
    // Changes while nobody reads come as the newest of them, or one by one; versions rise and the last one is the truth.
    await Promise.all(Array.from({ length: 10 }, () => reserved(test, one, 1)));
    let version = 0;
    for (let level = await next(); ; level = await next()) {
      assert.equal(level?.productId, one);
      assert.ok((level?.version ?? 0) > version);
      version = level?.version ?? 0;
      if (level?.available === 0) break;
    }
    await stream.return?.();
  });

  it('publishes every change with the level after it, in order by product', async () => {
    const productId = await stocked(test, 2);
    const reservationId = await reserved(test, productId, 2);
    await test.client.commit({ reservationId });
    await test.client.release({ reservationId });
    await test.events.next(
      'fairlead.inventory.v1.StockEvent',
      ({ key, payload }) => key === productId && payload.change === 'STOCK_CHANGE_RELEASED',
    );
    const events = test.events.published.flatMap((event) =>
      event.type === 'fairlead.inventory.v1.StockEvent' && event.key === productId ? [event.payload] : [],
    ) as { change: string; level: { available: number; version: number } }[];
    assert.deepEqual(
      events.map(({ change, level }) => [change, level.available, level.version]),
      [
        ['STOCK_CHANGE_SET', 2, 1],
        ['STOCK_CHANGE_RESERVED', 0, 2],
        ['STOCK_CHANGE_COMMITTED', 0, 3],
        ['STOCK_CHANGE_RELEASED', 2, 4],
      ],
    );
  });
});

describe('inventory and the catalogue', () => {
  it('serves before the catalogue answers, then gives its products a first stock, once', async () => {
    const ids = Array.from({ length: 1_500 }, () => uuid());
    const test = await startTestService(service, { user: null });
    try {
      // The catalogue has not answered yet.
      assert.deepEqual((await test.client.getStock({ productIds: [ids[0] ?? ''] })).levels, []);
      const watching = test.client.watchStock({ productIds: [ids[1_499] ?? ''] })[Symbol.asyncIterator]();
      const told = watching.next();
      test.mocks.catalog.handle({
        async listProducts({ pageToken }) {
          const start = Number(pageToken);
          const products = ids.slice(start, start + 1_000).map((productId) => ({ productId }));
          return { products, nextPageToken: start === 0 ? '1000' : '' };
        },
      });
      const { level } = (await told).value ?? {};
      assert.ok((level?.available ?? 0) >= 20);
      await watching.return?.();
      const { levels } = await test.client.getStock({ productIds: ids.slice(0, 100) });
      assert.equal(levels.length, 100);
      const asked = test.mocks.catalog.callsOf('ListProducts').length;
      const again = await test.restart();
      await again.client.getStock({ productIds: ids.slice(0, 1) });
      assert.equal(again.mocks.catalog.callsOf('ListProducts').length, asked);
      await again.stop();
    } catch (error) {
      await test.stop();
      throw error;
    }
  });
});
