// Products in the database. Lists go by id and start after the last one that was read, so a page costs the same anywhere.
// Many rows travel as one array a column: a statement has the same text and plan for any number of rows.
import { type Kysely, sql } from 'kysely';
import { etagOf, type Filled } from '#kit';
import type { Product } from '#proto/fairlead/catalog/v1/product.ts';
import type { CatalogTables, ProductsRow } from '../gen/tables.ts';

type Db = Kysely<CatalogTables>;

/** A product that is written, found again by its article number. */
export type NewProduct = Omit<ProductsRow, 'revision' | 'updateTime'>;

export function toProduct(row: ProductsRow): Filled<Product> {
  const price = { currencyCode: row.currencyCode, units: row.priceUnits };
  return { ...row, price, etag: etagOf(row.productId, row.revision) };
}

/** Nobody else writes products until the transaction ends; reading goes on. */
export async function lockProducts(db: Db): Promise<void> {
  await sql`lock table products in share row exclusive mode`.execute(db);
}

export function productsByIds(db: Db, productIds: readonly string[]): Promise<ProductsRow[]> {
  const wanted = sql<string>`any(${productIds}::uuid[])`;
  return db.selectFrom('products').selectAll().where('productId', '=', wanted).execute();
}

/** Query of the products of a category; of all when it is empty. */
export function productsIn(db: Db, category: string) {
  return db.selectFrom('products').$if(category !== '', (query) => query.where('category', '=', category));
}

/** Products in the order of their ids, from the one after `after` on; empty: from the first. */
export function productsAfter(db: Db, category: string, after: string, limit: number): Promise<ProductsRow[]> {
  const rest = productsIn(db, category).$if(after !== '', (query) => query.where('productId', '>', after));
  return rest.selectAll().orderBy('productId').limit(limit).execute();
}

/**
 * Adds products, or replaces those whose article number is known.
 *
 * @returns whether each row that was written is new
 */
export async function writeProducts(db: Db, products: readonly NewProduct[], now: Date) {
  const column = <K extends keyof NewProduct>(name: K): NewProduct[K][] => products.map((product) => product[name]);
  const { rows } = await sql<{ created: boolean }>`
    insert into products as known (product_id, sku, name, description, category, currency_code, price_units,
                                   create_time, update_time, revision)
    select *, ${now}::timestamptz, 1
    from unnest(${column('productId')}::uuid[], ${column('sku')}::text[], ${column('name')}::text[],
                ${column('description')}::text[], ${column('category')}::text[], ${column('currencyCode')}::text[],
                ${column('priceUnits')}::bigint[], ${column('createTime')}::timestamptz[])
    on conflict (sku) do update
    set (name, description, category, currency_code, price_units, update_time, revision) =
        (excluded.name, excluded.description, excluded.category, excluded.currency_code, excluded.price_units,
         excluded.update_time, known.revision + 1)
    -- A row version that no transaction has replaced or locked is one that was just inserted.
    returning xmax = 0 as created`.execute(db);
  return rows.map(({ created }) => created);
}
