// What a service is told to do by each call, and how often it was called: for both protocols that it speaks.
import type { Arrivals, Order } from '../scenario.ts';

/** An order with the names of its step and call, as it travels. */
export interface Sent extends Order {
  readonly step: string;
  readonly call: string;
}

/** The value of `x-order`. */
export const encodeOrder = (order: Sent): string => Buffer.from(JSON.stringify(order)).toString('base64url');

export interface Attempt {
  /** Without what another instance is told to do. */
  readonly order: Sent;
  /** Is this one of the attempts that fail? */
  readonly failing: boolean;
  /** Its caller went away. */
  cancelled(): void;
}

export class Attempts {
  readonly instance: string;
  readonly #steps = new Map<string, { reached: number; cancelled: number }>();
  readonly #calls = new Map<string, number>();

  constructor(instance: string) {
    this.instance = instance;
  }

  /** @param text - the value of `x-order`; empty for a call that brings none. */
  arrived(text: string): Attempt {
    const order: Sent =
      text === '' ? { step: '', call: '' } : (JSON.parse(Buffer.from(text, 'base64url').toString()) as Sent);
    const counts = this.#steps.get(order.step) ?? { reached: 0, cancelled: 0 };
    this.#steps.set(order.step, counts);
    counts.reached++;
    const attempt = (this.#calls.get(order.call) ?? 0) + 1;
    this.#calls.set(order.call, attempt);
    const here = order.only === undefined || order.only === this.instance;
    return {
      order: here ? order : { step: order.step, call: order.call },
      failing: order.code !== undefined && here && attempt <= (order.failFirst ?? attempt),
      cancelled: () => counts.cancelled++,
    };
  }

  arrivals(step: string): Arrivals {
    return this.#steps.get(step) ?? { reached: 0, cancelled: 0 };
  }
}
