// Tables of the catalog service, as Kysely sees them; migrations/ makes them.
// Ids are UUIDv7, so that the order of ids is the order of arrival and inserts go to the end of the index.

/** A product. */
export interface ProductsTable {
  product_id: string;
  sku: string;
  name: string;
  description: string;
  category: string;
  currency_code: string;
  /** Minor units of the currency, for one piece. */
  price_units: number;
  create_time: Date;
  update_time: Date;
  /** Grows with every change; makes the etag. */
  revision: number;
}

/** A product that is written, found again by its article number. */
export type NewProduct = Omit<ProductsTable, 'revision' | 'update_time'>;

export interface CatalogTables {
  products: ProductsTable;
}
