// Which products of an order count as bought together: every two of them, in both directions.
// A very long order says little about any two of its products and would cost its length squared: its head counts.

/** Products of one order that are paired; the rest of a longer order is left out. */
const mostPaired = 30;

/** Two products that stand in one order. */
export interface Pair {
  readonly productId: string;
  readonly otherProductId: string;
}

/** All ordered pairs, sorted, so that two orders at once write common pairs in one sequence. */
export function pairsOf(productIds: readonly string[]): Pair[] {
  const products = [...new Set(productIds)].sort().slice(0, mostPaired);
  return products.flatMap((productId) =>
    products.filter((other) => other !== productId).map((otherProductId) => ({ productId, otherProductId })),
  );
}
