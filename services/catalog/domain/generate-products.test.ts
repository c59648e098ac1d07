import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { generateProducts } from './generate-products.ts';

const products = [...generateProducts(1000)];

test('the catalogue is the same on every machine', () => {
  // Named as in the database.
  const rows = products.map(({ productId, currencyCode, priceUnits, createTime, ...row }) => {
    const { sku, name, description, category } = row;
    const price = { currency_code: currencyCode, price_units: priceUnits };
    return { product_id: productId, sku, name, description, category, ...price, create_time: createTime };
  });
  const digest = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  // Changes when anything of the catalogue does; ids that were stored elsewhere are lost then.
  assert.equal(digest, 'd356f498de1bf58cc9734c05e2f61b71d235f222b5922f34a7236122dc938d38');
});

test('a longer catalogue begins like a shorter one', () => {
  assert.deepEqual([...generateProducts(1200)].slice(0, 1000), products);
});

test('ids are UUIDv7 in rising order, article numbers are unique', () => {
  for (const [index, { productId }] of products.entries()) {
    assert.match(productId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(index === 0 || productId > (products[index - 1]?.productId ?? ''));
  }
  assert.equal(new Set(products.map(({ sku }) => sku)).size, 1000);
});

test('there are eight categories of the same size, with names and prices that a shop could have', () => {
  const sizes = Map.groupBy(products, ({ category }) => category);
  assert.deepEqual(
    [...sizes.values()].map((list) => list.length),
    Array.from({ length: 8 }, () => 125),
  );
  for (const { name, category, priceUnits } of products) {
    assert.match(category, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(name.length > 10 && name.length <= 80, name);
    assert.ok(Number.isInteger(priceUnits) && priceUnits >= 599 && priceUnits <= 59_999, `${priceUnits}`);
  }
});
