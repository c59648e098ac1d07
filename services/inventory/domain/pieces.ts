// Pieces of products, as requests name them and as reservations keep them: each product once.
// Whether there are enough is decided for all products together, so that the answer names every one that is short.

/** A number of pieces of one product. */
export interface Pieces {
  readonly productId: string;
  readonly quantity: number;
}

/** What is there of one product. */
export interface Level {
  readonly product_id: string;
  readonly available: number;
}

/** Adds up the pieces of each product; ids in lower case, as the database has them. */
export function addUp(items: readonly Pieces[]): Pieces[] {
  const sums = new Map<string, number>();
  for (const { productId, quantity } of items) {
    const id = productId.toLowerCase();
    sums.set(id, (sums.get(id) ?? 0) + quantity);
  }
  return [...sums].map(([productId, quantity]) => ({ productId, quantity }));
}

/** What stands in the way of setting these pieces aside. */
export interface Obstacles {
  readonly unknown: readonly string[];
  readonly short: readonly (Pieces & { readonly available: number })[];
}

/** Compares pieces, each product once, with what is there. */
export function obstacles(levels: readonly Level[], items: readonly Pieces[]): Obstacles {
  const available = new Map(levels.map((level) => [level.product_id, level.available]));
  return {
    unknown: items.filter(({ productId }) => !available.has(productId)).map(({ productId }) => productId),
    short: items.flatMap((item) => {
      const there = available.get(item.productId);
      return there === undefined || there >= item.quantity ? [] : [{ ...item, available: there }];
    }),
  };
}

/** Index of the first entry whose product stands in an earlier one; undefined when each product is there once. */
export function sameProductTwice(entries: readonly { readonly productId: string }[]): number | undefined {
  const seen = new Set<string>();
  const index = entries.findIndex(({ productId }) => seen.size === seen.add(productId.toLowerCase()).size);
  return index === -1 ? undefined : index;
}
