import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import { generateProducts } from './domain/generate-products.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

const generated = [...generateProducts(1_000)];
const unknown = '01941f29-7c00-7000-8000-000000000000';

/** Reads a stream to its end. */
async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(stream);
}

describe('catalog', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service);
  });
  after(() => test.stop());

  it('has a generated catalogue of 1,000 products at its first start, and the same one at the next', async () => {
    const { client } = test;
    const { totalSize } = await client.listProducts({ pageSize: 1 });
    assert.equal(totalSize, 1_000);
    const first = generated[0];
    const { product } = await client.getProduct({ productId: first?.productId });
    assert.deepEqual(
      [product?.sku, product?.name, product?.category, product?.price],
      [first?.sku, first?.name, first?.category, { currencyCode: 'EUR', units: first?.priceUnits }],
    );
    const { db } = test;
    const before = await db.selectFrom('products').selectAll().orderBy('productId').execute();
    test = await test.restart();
    assert.deepEqual(await test.db.selectFrom('products').selectAll().orderBy('productId').execute(), before);
  });

  it('serves products to callers who are not logged in, whole streams only to those who are', async () => {
    const nobody = await test.as(null);
    assert.equal((await nobody.listProducts({ pageSize: 5 })).products.length, 5);
    await assert.rejects(collect(nobody.streamProducts({})), { code: 'UNAUTHENTICATED' });
  });

  it('serves whole streams to other services of the mesh, which have no user, but not so to the gateway', async () => {
    const peer = (account: string) => `By=spiffe://x;URI=spiffe://cluster.local/ns/fairlead/sa/${account}`;
    const calls = (account: string) => test.withMetadata({ 'x-forwarded-client-cert': peer(account) });
    assert.equal((await collect(calls('recommendation').streamProducts({ category: 'toys' }))).length, 125);
    await assert.rejects(collect(calls('gateway').streamProducts({})), { code: 'UNAUTHENTICATED' });
    await assert.rejects(calls('recommendation').importProducts([]), { code: 'UNAUTHENTICATED' });
  });

  it('says NOT_FOUND for an unknown product and INVALID_ARGUMENT for what is no id', async () => {
    await assert.rejects(test.client.getProduct({ productId: unknown }), (error) => {
      assert.ok(RpcError.is(error));
      const { reason, resource } = error.details;
      assert.deepEqual(
        [error.code, reason, resource],
        ['NOT_FOUND', 'PRODUCT_NOT_FOUND', { type: 'product', name: unknown }],
      );
      return true;
    });
    await assert.rejects(test.client.getProduct({ productId: "1'; drop table products" }), {
      code: 'INVALID_ARGUMENT',
    });
  });

  it('reads a batch in the order of the request and names what is unknown', async () => {
    const ids = [generated[7]?.productId ?? '', unknown, (generated[2]?.productId ?? '').toUpperCase()];
    const { products, missingProductIds } = await test.client.batchGetProducts({ productIds: ids });
    assert.deepEqual(
      products.map(({ sku }) => sku),
      [generated[7]?.sku, generated[2]?.sku],
    );
    assert.deepEqual(missingProductIds, [unknown]);
    await assert.rejects(test.client.batchGetProducts({ productIds: [] }), { code: 'INVALID_ARGUMENT' });
    const many = Array.from({ length: 101 }, (_, index) => generated[index]?.productId ?? '');
    await assert.rejects(test.client.batchGetProducts({ productIds: many }), { code: 'INVALID_ARGUMENT' });
  });

  it('lists all products of a category page by page, each once', async () => {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await test.client.listProducts({ category: 'toys', pageSize: 40, pageToken });
      assert.equal(page.totalSize, 125);
      seen.push(...page.products.map(({ productId }) => productId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    const toys = generated.filter(({ category }) => category === 'toys').map((toy) => toy.productId);
    assert.deepEqual(seen, toys);
    assert.deepEqual((await test.client.listProducts({ category: 'nothing-of-it' })).products, []);
  });

  it('refuses a page token that was tampered with or belongs to another filter', async () => {
    const { nextPageToken } = await test.client.listProducts({ category: 'toys', pageSize: 10 });
    const tampered = `${nextPageToken.slice(0, -2)}${nextPageToken.endsWith('A') ? 'BB' : 'AA'}`;
    for (const request of [
      { category: 'toys', pageToken: tampered },
      { category: 'books', pageToken: nextPageToken },
      { category: 'toys', pageToken: 'abc' },
    ]) {
      await assert.rejects(test.client.listProducts(request), { code: 'INVALID_ARGUMENT' });
    }
  });

  it('streams a category, and goes on after a given product', async () => {
    const toys = generated.filter(({ category }) => category === 'toys').map((toy) => toy.productId);
    const after = toys[60] ?? '';
    const streamed = await collect(test.client.streamProducts({ category: 'toys', afterProductId: after }));
    assert.deepEqual(
      streamed.map(({ product }) => product?.productId),
      toys.slice(61),
    );
  });

  it('stops reading when the reader goes away', async () => {
    let count = 0;
    for await (const _ of test.client.streamProducts({})) if (++count === 3) break;
    assert.equal(count, 3);
    assert.equal((await test.client.listProducts({ pageSize: 1 })).products.length, 1);
  });
});

describe('catalog import', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service, { env: { CATALOG_GENERATED_PRODUCTS: '10' }, user: { roles: ['admin'] } });
  });
  after(() => test.stop());

  const row = (sku: string, name: string, units = 100) => ({
    row: { sku, name, description: '', category: 'toys', price: { currencyCode: 'EUR', units } },
  });

  it('adds new articles and replaces known ones, whose etag changes and whose id stays', async () => {
    const { products } = await test.client.listProducts({ pageSize: 1 });
    const known = products[0];
    const outcome = await test.client.importProducts([row('NEW-1', 'Kite', 1250), row(known?.sku ?? '', 'Better', 99)]);
    assert.deepEqual(outcome, { rowCount: 2, createdCount: 1, updatedCount: 1, invalidCount: 0, rowErrors: [] });
    const { product } = await test.client.getProduct({ productId: known?.productId });
    assert.deepEqual([product?.name, product?.price?.units], ['Better', 99]);
    assert.notEqual(product?.etag, known?.etag);
    assert.equal((await test.client.listProducts({ pageSize: 1 })).totalSize, 11);
  });

  it('writes nothing when one row of many is wrong, and says what is wrong with which', async () => {
    const before = await test.db.selectFrom('products').selectAll().orderBy('productId').execute();
    const rows = Array.from({ length: 600 }, (_, index) => row(`BULK-${index}`, `Thing ${index}`));
    rows[571] = row('BULK 571', '');
    rows[599] = row('BULK-0', 'Again');
    const { rowErrors, ...outcome } = await test.client.importProducts(rows);
    assert.deepEqual(outcome, { rowCount: 600, createdCount: 0, updatedCount: 0, invalidCount: 2 });
    assert.deepEqual(
      rowErrors.map((error) => [error.row, error.sku, error.fieldViolations.map(({ field }) => field)]),
      [
        [572, 'BULK 571', ['sku', 'name']],
        [600, 'BULK-0', ['sku']],
      ],
    );
    assert.deepEqual(await test.db.selectFrom('products').selectAll().orderBy('productId').execute(), before);
  });

  it('refuses a row without a price, with a negative one, and one in no currency', async () => {
    const { rowErrors } = await test.client.importProducts([
      { row: { sku: 'A', name: 'A', category: 'toys' } },
      row('B', 'B', -1),
      { row: { sku: 'C', name: 'C', category: 'toys', price: { currencyCode: 'euro', units: 1 } } },
    ]);
    assert.deepEqual(
      rowErrors.map(({ fieldViolations }) => fieldViolations.map(({ field }) => field)),
      [['price'], ['price.units'], ['price.currency_code']],
    );
  });

  it('writes nothing when the sender goes away half-way', async () => {
    async function* rows() {
      yield row('LOST-1', 'Lost');
      throw new Error('gone');
    }
    await assert.rejects(test.client.importProducts(rows()));
    const { totalSize } = await test.client.listProducts({ pageSize: 1 });
    assert.equal(totalSize, 11);
  });

  /** Waits until the server has seen that the import's caller is gone. */
  async function cancellationSeen(since: number): Promise<void> {
    while (!test.logs.slice(since).some(({ side, status }) => side === 'server' && status === 'CANCELLED')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('writes nothing when the sender cancels after some rows', { timeout: 30_000 }, async () => {
    const since = test.logs.length;
    const cancel = new AbortController();
    async function* rows() {
      yield row('LOST-2', 'Lost');
      const open = /rpc_server_active_calls{[^}]*ImportProducts[^}]*} 1/;
      while (!open.test(await (await fetch(`http://${test.adminAddress}/metrics`)).text()));
      cancel.abort();
      await new Promise(() => {});
    }
    await assert.rejects(test.client.importProducts(rows(), { signal: cancel.signal }), { code: 'CANCELLED' });
    await cancellationSeen(since);
    test = await test.restart();
    assert.equal((await test.client.listProducts({ pageSize: 1 })).totalSize, 11);
  });

  it('takes back what it has written when the sender cancels before the end', { timeout: 30_000 }, async () => {
    const since = test.logs.length;
    const cancel = new AbortController();
    await test.db.transaction().execute(async (other) => {
      await sql`lock table products in share row exclusive mode`.execute(other);
      const call = test.client.importProducts([row('LOST-3', 'Lost')], { signal: cancel.signal });
      call.catch(() => {});
      // It waits for the lock.
      for (;;) {
        const waiting = await sql`select 1 from pg_locks where not granted and relation = 'products'::regclass`.execute(
          other,
        );
        if (waiting.rows.length > 0) break;
      }
      cancel.abort();
      await assert.rejects(call, { code: 'CANCELLED' });
      await cancellationSeen(since);
    });
    test = await test.restart();
    assert.equal((await test.client.listProducts({ pageSize: 1 })).totalSize, 11);
  });

  it('is for administrators', async () => {
    const customer = await test.as({ roles: ['customer'] });
    await assert.rejects(customer.importProducts([row('X', 'X')]), (error) => {
      return RpcError.is(error) && error.code === 'PERMISSION_DENIED';
    });
  });
});
