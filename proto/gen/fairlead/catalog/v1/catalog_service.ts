// Generated from proto/ by `npm run generate`. Do not edit.
import type { BadRequest_FieldViolation } from '../../../google/rpc/error_details.ts';
import type { Product, ProductRow } from './product.ts';

/** Asks for a product. */
export interface GetProductRequest {
  productId: string;
}

/** The product. */
export interface GetProductResponse {
  product: Product | null;
}

/** Asks for several products. */
export interface BatchGetProductsRequest {
  productIds: string[];
}

/** Those that exist. */
export interface BatchGetProductsResponse {
  /** In the order of the request. */
  products: Product[];
  /** Asked for, but unknown. */
  missingProductIds: string[];
}

/** Asks for a page of products. */
export interface ListProductsRequest {
  /** At most this many; 0: the service's default. */
  pageSize: number;
  /** From the last answer's `next_page_token`, with the same filter; empty: from the start. */
  pageToken: string;
  /** Only this category; empty: all. */
  category: string;
}

/** One page of products. */
export interface ListProductsResponse {
  products: Product[];
  /** Empty: this was the last page. */
  nextPageToken: string;
  /** On all pages together. */
  totalSize: number;
}

/** Asks for all products. */
export interface StreamProductsRequest {
  /** Only this category; empty: all. */
  category: string;
  /** Only products after this one, to go on where a stream broke off; empty: from the start. */
  afterProductId: string;
}

/** The next product. */
export interface StreamProductsResponse {
  product: Product | null;
}

/** The next row of an import. */
export interface ImportProductsRequest {
  /**
   * Not checked on arrival, which would end the call at the first wrong row: the service applies
   * the rules of ProductRow itself and answers for all rows together.
   */
  row: ProductRow | null;
}

/** What came of an import. */
export interface ImportProductsResponse {
  /** Rows that were read. */
  rowCount: number;
  /** Products added; 0 if any row was wrong. */
  createdCount: number;
  /** Products replaced; 0 if any row was wrong. */
  updatedCount: number;
  /** Rows that were wrong. */
  invalidCount: number;
  /** What was wrong with the first 100 of them. */
  rowErrors: RowError[];
}

/** What is wrong with one row. */
export interface RowError {
  /** 1 for the first message of the stream. */
  row: number;
  /** As the row has it; may be empty. */
  sku: string;
  /** Paths from ProductRow. */
  fieldViolations: BadRequest_FieldViolation[];
}
