// Generated from proto/ by `npm run generate`. Do not edit.
import type { Money } from '../../type/v1/money.ts';

/** Something that is sold. */
export interface Product {
  /** UUIDv7. */
  productId: string;
  /** The seller's own number, unique. */
  sku: string;
  /** One line. */
  name: string;
  /** Plain text. */
  description: string;
  /** Lower case with hyphens, such as `home-garden`. */
  category: string;
  /** For one piece. */
  price: Money | null;
  /** When it was added. */
  createTime: Date | null;
  /** When anything above last changed. */
  updateTime: Date | null;
  /** Changes with every change of the product (AIP-154); the gateway's `ETag`. */
  etag: string;
}

/** One row of an import: a product as its seller knows it. */
export interface ProductRow {
  /** The seller's own number. A known one replaces that product, a new one adds a product. */
  sku: string;
  /** One line. */
  name: string;
  /** Plain text. */
  description: string;
  /** Lower case with hyphens, such as `home-garden`. */
  category: string;
  /** For one piece. */
  price: Money | null;
}
