// Pieces of products, as requests name them and as reservations keep them: each product once.
// Whether there are enough is decided for all products together, so that the answer names every one that is short.

import { invalidField, notFound, RpcError } from '#kit';
import type { StockItem } from '#proto/fairlead/inventory/v1/stock.ts';
import type { StockRow } from '../gen/tables.ts';

export const idsOf = (all: readonly { readonly productId: string }[]) => all.map(({ productId }) => productId);

/** Adds up the pieces of each product; ids in lower case, as the database has them. */
export function addUp(items: readonly StockItem[]): StockItem[] {
  const mentions = Map.groupBy(items, ({ productId }) => productId.toLowerCase());
  return [...mentions].map(([productId, each]) => {
    return { productId, quantity: each.reduce((sum, { quantity }) => sum + quantity, 0) };
  });
}

/**
 * Compares pieces, each product once, with what is there.
 *
 * @throws RpcError NOT_FOUND for unknown products; FAILED_PRECONDITION where there is too little
 */
export function refuse(
  levels: readonly Pick<StockRow, 'productId' | 'available'>[],
  items: readonly StockItem[],
): void {
  const there = new Map(levels.map(({ productId, available }) => [productId, available]));
  const unknown = items.filter(({ productId }) => !there.has(productId));
  if (unknown.length > 0) throw notFound('product', ...idsOf(unknown));
  const short = items.filter(({ productId, quantity }) => (there.get(productId) ?? 0) < quantity);
  if (short.length === 0) return;
  throw new RpcError('FAILED_PRECONDITION', 'there is too little of what was asked for; order less of it', {
    reason: 'OUT_OF_STOCK',
    preconditionViolations: short.map(({ productId, quantity }) => {
      const description = `${quantity} asked for, ${there.get(productId)} available`;
      return { type: 'OUT_OF_STOCK', subject: productId, description };
    }),
  });
}

/** @throws RpcError INVALID_ARGUMENT naming the first count whose product stands in an earlier one */
export function refuseTwice(counts: readonly { readonly productId: string }[]): void {
  const ids = idsOf(counts).map((id) => id.toLowerCase());
  const twice = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (twice === -1) return;
  throw invalidField('INVALID_REQUEST', `counts[${twice}].product_id`, 'stands in an earlier count already');
}
