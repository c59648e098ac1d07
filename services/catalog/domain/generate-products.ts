// Makes up a catalogue: the same on every machine, product n the same however many are asked for.
// Ids are UUIDv7 whose time is fixed and whose random part comes from the seed, so others may know them beforehand.
// A changed word in vocabulary.json changes every generated catalogue, and with it the ids that others may have stored.
import { v7 } from 'uuid';
import type { NewProduct } from '../store/products.ts';
import { seededRandom } from './seeded-random.ts';
import vocabulary from './vocabulary.json' with { type: 'json' };

const opening = Date.UTC(2025, 0, 1);
const minute = 60_000;
const { categories, makers, styles } = vocabulary;

/** A price in the category's range of cents, lower ones likelier, ending in 49 or 99. */
function price([low = 0, high = low]: readonly number[], random: () => number): number {
  const raw = low + (high - low) * random() ** 2;
  return Math.max(low, Math.floor(raw / 50) * 50 - 1);
}

function generateProduct(index: number): NewProduct {
  const random = seededRandom(index);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const category = categories[index % categories.length] as (typeof categories)[number];
  const [style, material, kind, maker] = [pick(styles), pick(category.materials), pick(category.kinds), pick(makers)];
  const createTime = new Date(opening + index * minute);
  const bytes = Uint8Array.from({ length: 16 }, () => random() * 256);
  return {
    productId: v7({ msecs: createTime.getTime(), seq: 0, random: bytes }),
    sku: `${category.code}-${String(index + 1).padStart(5, '0')}`,
    name: `${maker} ${style} ${material} ${kind}`,
    description: `${style} ${kind.toLowerCase()} in ${material.toLowerCase()} by ${maker}, ${category.purpose}.`,
    category: category.name,
    currencyCode: 'EUR',
    priceUnits: price(category.price, random),
    createTime: createTime,
  };
}

/** The products of the catalogue from number `start` (0: the first) to before number `end`, in the order of their ids. */
export function* generateProducts(end: number, start = 0): Generator<NewProduct> {
  for (let index = start; index < end; index++) yield generateProduct(index);
}
