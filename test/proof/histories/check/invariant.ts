// An invariant by its name, and what breaks it.
import type { Facts } from './facts.ts';

/** Something that must hold of every history, whatever was killed. */
export interface Invariant {
  /** What holds, as a sentence. */
  readonly name: string;
  /** What is wrong, a line each; nothing when it holds. */
  readonly check: (facts: Facts) => Iterable<string>;
}

/** A broken invariant. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

/** Those of a list that have a key, by it. */
export function grouped<T>(list: readonly T[], key: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

/** Sum of a number over a list. */
export function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

/** Orders that came through. */
export const placed: ReadonlySet<string> = new Set([
  'ORDER_STATUS_SHIPMENT_SCHEDULED',
  'ORDER_STATUS_IN_TRANSIT',
  'ORDER_STATUS_DELIVERED',
]);

/** Statuses after which nothing happens to an order. */
export const final: ReadonlySet<string> = new Set([
  'ORDER_STATUS_DELIVERED',
  'ORDER_STATUS_FAILED',
  'ORDER_STATUS_CANCELLED',
]);
