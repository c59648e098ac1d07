// The catalog service: what is sold, with prices.
// Streams read a batch at a time and hold no connection while their reader thinks.
import { type Application, implement, inOrder, listPage, notFound, validatorOf } from '#kit';
import { generateProducts } from './domain/generate-products.ts';
import { newProduct, readRows } from './domain/import-rows.ts';
import manifest from './manifest.ts';
import { lockProducts, productsAfter, productsByIds, productsIn, toProduct, writeProducts } from './store/products.ts';

/** Rows that are written or read at once. */
const batch = 500;

/** The contract's rules of an import's row. */
const checkRow = validatorOf('fairlead.catalog.v1.ProductRow');

/** Fills an empty catalogue. All or nothing: a process that is killed half-way leaves it empty. */
async function fill(application: Application<typeof manifest>): Promise<void> {
  const { clock, config, log } = application;
  const count = config.CATALOG_GENERATED_PRODUCTS;
  await application.transaction(async ({ db }) => {
    // Replicas that start together: one fills, the others wait and find it done.
    await lockProducts(db);
    if ((await productsAfter(db, '', '', 1)).length > 0) return;
    for (let done = 0; done < count; done += batch) {
      await writeProducts(db, [...generateProducts(Math.min(done + batch, count), done)], clock.now());
    }
    log.info('made up a catalogue', { products: count });
  });
}

export default implement(
  manifest,
  {
    async getProduct({ productId }, { db }) {
      const [row] = await productsByIds(db, [productId]);
      if (row === undefined) throw notFound('product', productId);
      return { product: toProduct(row) };
    },

    async batchGetProducts({ productIds }, { db }) {
      const { found, missing } = inOrder(productIds, await productsByIds(db, productIds), ({ productId }) => productId);
      return { products: found.map(toProduct), missingProductIds: missing };
    },

    async listProducts(request, context) {
      const { category } = request;
      const options = { by: 'productId', filters: { category } } as const;
      const { rows, ...page } = await listPage(context, request, productsIn(context.db, category), options);
      return { products: rows.map(toProduct), ...page };
    },

    async *streamProducts({ category, afterProductId }, { db }) {
      let after = afterProductId;
      for (;;) {
        const rows = await productsAfter(db, category, after, batch);
        for (const row of rows) yield { product: toProduct(row) };
        const last = rows.at(-1);
        if (last === undefined || rows.length < batch) return;
        after = last.productId;
      }
    },

    async importProducts(requests, context) {
      const { rows, ...outcome } = await readRows(requests, (row) => checkRow?.(row) ?? []);
      if (outcome.invalidCount > 0) return { ...outcome, createdCount: 0, updatedCount: 0 };
      const now = context.clock.now();
      const products = rows.map((row) => newProduct(row, now));
      const created = await context.transaction(async ({ db }) => {
        const written: boolean[] = [];
        for (let start = 0; start < products.length; start += batch) {
          written.push(...(await writeProducts(db, products.slice(start, start + batch), now)));
        }
        // Whoever sent the rows has gone: nobody would learn that they were written.
        context.signal.throwIfAborted();
        return written.filter(Boolean).length;
      });
      return { ...outcome, createdCount: created, updatedCount: rows.length - created };
    },
  },
  { start: fill },
);
