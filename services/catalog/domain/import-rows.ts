// Reads the rows of an import to its end and says what is wrong with each; nothing is written here.
// An article number that comes twice is an error: which of the two rows counts is for the sender to say.

import { v7 } from 'uuid';
import { type FieldViolation, RpcError } from '#kit/errors/rpc-error.ts';
import type { ImportProductsRequest, RowError } from '#proto/fairlead/catalog/v1/catalog_service.ts';
import type { ProductRow } from '#proto/fairlead/catalog/v1/product.ts';
import type { NewProduct } from '../store/products.ts';

/** Most rows of one import; they wait in memory until the last one has come. */
export const mostRows = 20_000;
/** Most rows whose errors are told. */
const mostErrors = 100;

/** The rows, or what is wrong with them. */
export interface ImportedRows {
  /** In the order of their article numbers, so that two imports at once lock rows in one order. */
  readonly rows: readonly ProductRow[];
  readonly rowCount: number;
  readonly invalidCount: number;
  readonly rowErrors: readonly RowError[];
}

/**
 * Reads all rows.
 *
 * @param check the contract's rules of a row
 * @throws RpcError RESOURCE_EXHAUSTED when there are more than 20,000
 */
export async function readRows(
  requests: AsyncIterable<ImportProductsRequest>,
  check: (row: ProductRow) => readonly FieldViolation[],
): Promise<ImportedRows> {
  const rows = new Map<string, ProductRow>();
  const rowErrors: RowError[] = [];
  let rowCount = 0;
  let invalidCount = 0;
  for await (const { row } of requests) {
    rowCount++;
    if (rowCount > mostRows) {
      throw new RpcError('RESOURCE_EXHAUSTED', `an import has at most ${mostRows} rows; send the rest in another one`, {
        reason: 'IMPORT_TOO_LONG',
      });
    }
    const violations = row === null ? [{ field: 'row', description: 'is missing' }] : [...check(row)];
    if (row !== null && rows.has(row.sku)) {
      violations.push({ field: 'sku', description: 'stands in an earlier row already', reason: 'DUPLICATE_SKU' });
    }
    if (row !== null) rows.set(row.sku, row);
    if (violations.length === 0) continue;
    invalidCount++;
    if (rowErrors.length >= mostErrors) continue;
    const fieldViolations = violations.map((violation) => ({ reason: '', localizedMessage: null, ...violation }));
    rowErrors.push({ row: rowCount, sku: row?.sku ?? '', fieldViolations });
  }
  const ordered = [...rows.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
  return { rows: ordered, rowCount, invalidCount, rowErrors };
}

/** The product of a row; its id counts only when the article number is new. */
export function newProduct({ price, ...row }: ProductRow, now: Date): NewProduct {
  const { currencyCode = '', units = 0 } = price ?? {};
  return { productId: v7(), ...row, currencyCode: currencyCode, priceUnits: units, createTime: now };
}
