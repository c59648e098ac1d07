// Generated from services/catalog/migrations by `npm run generate`. Do not edit.
import type { Selectable } from 'kysely';

/** The tables of the catalog service, for Kysely. */
export interface CatalogTables {
  products: ProductsTable;
}

export interface ProductsTable {
  productId: string;
  sku: string;
  name: string;
  description: string;
  category: string;
  currencyCode: string;
  priceUnits: number;
  createTime: Date;
  updateTime: Date;
  revision: number;
}

export type ProductsRow = Selectable<ProductsTable>;
