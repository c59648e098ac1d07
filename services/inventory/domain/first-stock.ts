// How many pieces of a product there are before anybody counted: made up, and the same on every machine.
// Never none, so that everything in a fresh shop can be ordered.
import { createHash } from 'node:crypto';

const least = 20;
const most = 500;

/** Pieces of the product, from 20 to 500. */
export function firstStock(productId: string): number {
  const number = createHash('sha256').update(productId).digest().readUInt32BE(0);
  return least + (number % (most - least + 1));
}
