// Gives an empty inventory its first stock: the catalogue says which products there are, once.
// The inventory serves meanwhile; the catalogue may start after it, and is asked until it answers.
import { type Application, allPages, onceItWorks } from '#kit';
import { firstStock } from './domain/first-stock.ts';
import type manifest from './manifest.ts';
import { isStockEmpty, setAvailable, stockTopic } from './store/stock.ts';

/** Asks the catalogue and writes a made-up stock, unless there is one. */
export function learnProducts(application: Application<typeof manifest>): Promise<void> {
  const { clients, db, log } = application;
  return onceItWorks(application, { name: 'asking the catalogue for its products', every: '1s' }, async () => {
    if (!(await isStockEmpty(db))) return;
    const list = (pageToken: string) => clients.catalog.listProducts({ pageSize: 1_000, pageToken });
    const pages = await Array.fromAsync(allPages(list), ({ products }) => products);
    const counts = pages.flat().map(({ productId }) => ({ productId, available: firstStock(productId) }));
    await application.transaction(async (unit) => {
      // Somebody may have counted meanwhile: what was counted stands.
      if (!(await isStockEmpty(unit.db))) return;
      // No event a product: nothing has happened to the stock yet.
      await setAvailable(unit, counts);
      await unit.changed(stockTopic);
      log.info('made up a first stock', { products: counts.length });
    });
  });
}
