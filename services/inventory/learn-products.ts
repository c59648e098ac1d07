// Gives an empty inventory its first stock: the catalogue says which products there are, once.
// The inventory serves meanwhile; the catalogue may start after it, and is asked until it answers.
import { type Application, repeat } from '#kit';
import { firstStock } from './domain/first-stock.ts';
import type manifest from './manifest.ts';
import { stockTopic } from './publish-stock.ts';
import { isStockEmpty, setAvailable } from './store/stock.ts';

const pageSize = 1_000;

async function catalogueIds({ clients }: Application<typeof manifest>): Promise<string[]> {
  const ids: string[] = [];
  let pageToken = '';
  do {
    const page = await clients.catalog.listProducts({ pageSize, pageToken });
    ids.push(...page.products.map(({ productId }) => productId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return ids;
}

async function takeOver(application: Application<typeof manifest>): Promise<void> {
  if (!(await isStockEmpty(application.db))) return;
  const ids = await catalogueIds(application);
  const counts = ids.map((productId) => ({ productId, available: firstStock(productId) }));
  await application.transaction(async (unit) => {
    // Somebody may have counted meanwhile: what was counted stands.
    if (!(await isStockEmpty(unit.db))) return;
    // No event a product: nothing has happened to the stock yet.
    await setAvailable(unit.db, counts, application.clock.now());
    await unit.changed(stockTopic);
    application.log.info('made up a first stock', { products: ids.length });
  });
}

/** Asks the catalogue and writes a made-up stock, unless there is one. Ends when there is, or with the process. */
export async function learnProducts(application: Application<typeof manifest>): Promise<void> {
  const learnt = new AbortController();
  const { clock, log } = application;
  const until = { clock, log, signal: AbortSignal.any([application.signal, learnt.signal]) };
  await repeat(until, { name: 'asking the catalogue for its products', every: '1s' }, async () => {
    await takeOver(application);
    learnt.abort();
    return false;
  });
}
