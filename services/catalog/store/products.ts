// Products in the database. Lists go by id and start after the last one that was read, so a page costs the same anywhere.
// Many rows travel as one array a column: a statement has the same text and plan for any number of rows.
import { type Kysely, type Selectable, sql } from 'kysely';
import { etagOf } from '#kit/paging/etag.ts';
import type { Product } from '#proto/fairlead/catalog/v1/product.ts';
import type { CatalogTables, NewProduct, ProductsTable } from '../tables.ts';

/** Which products, and where to go on. */
export interface ListOptions {
  /** Empty: all. */
  readonly category: string;
  /** Only ids after this one; empty: from the start. */
  readonly after: string;
  readonly limit: number;
}

/** The product as the contract has it. */
export function toProduct(row: Selectable<ProductsTable>): Product {
  return {
    productId: row.product_id,
    sku: row.sku,
    name: row.name,
    description: row.description,
    category: row.category,
    price: { currencyCode: row.currency_code, units: row.price_units },
    createTime: row.create_time,
    updateTime: row.update_time,
    etag: etagOf(row.product_id, row.revision),
  };
}

/** Nobody else writes products until the transaction ends; reading goes on. */
export async function lockProducts(db: Kysely<CatalogTables>): Promise<void> {
  await sql`lock table products in share row exclusive mode`.execute(db);
}

export function productsByIds(db: Kysely<CatalogTables>, productIds: readonly string[]) {
  return db
    .selectFrom('products')
    .selectAll()
    .where('product_id', '=', sql<string>`any(${productIds}::uuid[])`)
    .execute();
}

/** Products in the order of their ids. */
export function listProducts(db: Kysely<CatalogTables>, { category, after, limit }: ListOptions) {
  return db
    .selectFrom('products')
    .selectAll()
    .$if(category !== '', (query) => query.where('category', '=', category))
    .$if(after !== '', (query) => query.where('product_id', '>', after))
    .orderBy('product_id')
    .limit(limit)
    .execute();
}

/** Products of a category; of all when it is empty. */
export async function countProducts(db: Kysely<CatalogTables>, category: string): Promise<number> {
  const { count } = await db
    .selectFrom('products')
    .select((is) => is.fn.countAll<number>().as('count'))
    .$if(category !== '', (query) => query.where('category', '=', category))
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * Adds products, or replaces those whose article number is known.
 *
 * @returns whether each row that was written is new
 */
export async function writeProducts(db: Kysely<CatalogTables>, products: readonly NewProduct[], now: Date) {
  const column = <K extends keyof NewProduct>(name: K): NewProduct[K][] => products.map((product) => product[name]);
  const { rows } = await sql<{ created: boolean }>`
    insert into products as known (product_id, sku, name, description, category, currency_code, price_units,
                                   create_time, update_time, revision)
    select *, ${now}::timestamptz, 1
    from unnest(${column('product_id')}::uuid[], ${column('sku')}::text[], ${column('name')}::text[],
                ${column('description')}::text[], ${column('category')}::text[], ${column('currency_code')}::text[],
                ${column('price_units')}::bigint[], ${column('create_time')}::timestamptz[])
    on conflict (sku) do update
    set (name, description, category, currency_code, price_units, update_time, revision) =
        (excluded.name, excluded.description, excluded.category, excluded.currency_code, excluded.price_units,
         excluded.update_time, known.revision + 1)
    -- A row version that no transaction has replaced or locked is one that was just inserted.
    returning xmax = 0 as created`.execute(db);
  return rows.map(({ created }) => created);
}
