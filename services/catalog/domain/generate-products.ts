// Makes up a catalogue: the same on every machine, product n the same however many are asked for.
// Ids are UUIDv7 whose time is fixed and whose random part comes from the seed, so others may know them beforehand.
import { v7 } from 'uuid';
import { seededRandom } from './seeded-random.ts';
import { type Category, categories, makers, styles } from './vocabulary.ts';

/** A product as the generator makes it. */
export interface GeneratedProduct {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly currencyCode: string;
  /** Cents. */
  readonly priceUnits: number;
  readonly createTime: Date;
}

const opening = Date.UTC(2025, 0, 1);
const minute = 60_000;

/** A price in the category's range, lower ones likelier, ending in 49 or 99. */
function price([low, high]: Category['price'], random: () => number): number {
  const raw = low + (high - low) * random() ** 2;
  return Math.max(low, Math.floor(raw / 50) * 50 - 1);
}

/** Product number `index` (from 0) of the catalogue. */
function generateProduct(index: number): GeneratedProduct {
  const random = seededRandom(index);
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const category = categories[index % categories.length] as Category;
  const [style, material, kind, maker] = [pick(styles), pick(category.materials), pick(category.kinds), pick(makers)];
  const createTime = new Date(opening + index * minute);
  return {
    productId: v7({
      msecs: createTime.getTime(),
      seq: 0,
      random: Uint8Array.from({ length: 16 }, () => random() * 256),
    }),
    sku: `${category.code}-${String(index + 1).padStart(5, '0')}`,
    name: `${maker} ${style} ${material} ${kind}`,
    description: `${style} ${kind.toLowerCase()} in ${material.toLowerCase()} by ${maker}, ${category.purpose}.`,
    category: category.name,
    currencyCode: 'EUR',
    priceUnits: price(category.price, random),
    createTime,
  };
}

/** The products of the catalogue from number `start` (0: the first) to before number `end`, in the order of their ids. */
export function* generateProducts(end: number, start = 0): Generator<GeneratedProduct> {
  for (let index = start; index < end; index++) yield generateProduct(index);
}
