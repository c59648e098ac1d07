// The catalog service: what is sold, with prices.
// Streams read a batch at a time and hold no connection while their reader thinks.
import { v7 } from 'uuid';
import type { Application } from '#kit/context.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { openPage } from '#kit/paging/page.ts';
import { implement } from '#kit/service.ts';
import { validatorOf } from '#kit/validation/validator.ts';
import { type GeneratedProduct, generateProducts } from './domain/generate-products.ts';
import { readRows } from './domain/import-rows.ts';
import manifest from './manifest.ts';
import {
  countProducts,
  listProducts,
  lockProducts,
  type NewProduct,
  productsByIds,
  toProduct,
  writeProducts,
} from './store/products.ts';

/** Rows that are written or read at once. */
const batch = 500;

/** The contract's rules of an import's row. */
const checkRow = validatorOf('fairlead.catalog.v1.ProductRow');

function generated(product: GeneratedProduct): NewProduct {
  return {
    product_id: product.productId,
    sku: product.sku,
    name: product.name,
    description: product.description,
    category: product.category,
    currency_code: product.currencyCode,
    price_units: product.priceUnits,
    create_time: product.createTime,
  };
}

/** Fills an empty catalogue. All or nothing: a process that is killed half-way leaves it empty. */
async function fill(application: Application<typeof manifest>): Promise<void> {
  const { clock, config, log } = application;
  const count = config.CATALOG_GENERATED_PRODUCTS;
  await application.transaction(async ({ db }) => {
    // Replicas that start together: one fills, the others wait and find it done.
    await lockProducts(db);
    if ((await listProducts(db, { category: '', after: '', limit: 1 })).length > 0) return;
    for (let done = 0; done < count; done += batch) {
      const products = generateProducts(Math.min(done + batch, count), done);
      await writeProducts(db, [...products].map(generated), clock.now());
    }
    log.info('made up a catalogue', { products: count });
  });
}

export default implement(
  manifest,
  {
    async getProduct({ productId }, { db }) {
      const [row] = await productsByIds(db, [productId]);
      if (row === undefined) {
        throw new RpcError('NOT_FOUND', `there is no product ${productId}`, { reason: 'PRODUCT_NOT_FOUND' });
      }
      return { product: toProduct(row) };
    },

    async batchGetProducts({ productIds }, { db }) {
      const rows = new Map((await productsByIds(db, productIds)).map((row) => [row.product_id, row]));
      const found = productIds.map((id) => rows.get(id.toLowerCase()));
      return {
        products: found.filter((row) => row !== undefined).map(toProduct),
        missingProductIds: productIds.filter((_, index) => found[index] === undefined),
      };
    },

    async listProducts(request, context) {
      const { category } = request;
      const page = openPage(context, request, { filters: { category } });
      const after = String(page.after?.[0] ?? '');
      const rows = await listProducts(context.db, { category, after, limit: page.limit });
      const { items, nextPageToken } = page.close(rows, (row) => [row.product_id]);
      return { products: items.map(toProduct), nextPageToken, totalSize: await countProducts(context.db, category) };
    },

    async *streamProducts({ category, afterProductId }, { db }) {
      let after = afterProductId;
      for (;;) {
        const rows = await listProducts(db, { category, after, limit: batch });
        for (const row of rows) yield { product: toProduct(row) };
        const last = rows.at(-1);
        if (last === undefined || rows.length < batch) return;
        after = last.product_id;
      }
    },

    async importProducts(requests, context) {
      const { rows, ...outcome } = await readRows(requests, (row) => checkRow?.(row) ?? []);
      if (outcome.invalidCount > 0) return { ...outcome, createdCount: 0, updatedCount: 0 };
      const now = context.clock.now();
      const products = rows.map(({ sku, name, description, category, price }) => ({
        product_id: v7(),
        sku,
        name,
        description,
        category,
        currency_code: price?.currencyCode ?? '',
        price_units: price?.units ?? 0,
        create_time: now,
      }));
      const written = await context.transaction(async ({ db }) => {
        const created: boolean[] = [];
        for (let start = 0; start < products.length; start += batch) {
          created.push(...(await writeProducts(db, products.slice(start, start + batch), now)));
        }
        return created;
      });
      const createdCount = written.filter(Boolean).length;
      return { ...outcome, createdCount, updatedCount: written.length - createdCount };
    },
  },
  { start: fill },
);
