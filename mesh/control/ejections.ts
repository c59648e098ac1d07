// Instances that an operator took out by hand: for everyone, until their time is over or `reset`.

import type { Directory } from '../proxy/clusters/directory.ts';
import { ChangeError } from './live-change.ts';

export class Ejections {
  readonly #directory: Directory;
  readonly #timers = new Map<string, NodeJS.Timeout | undefined>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  eject(instance: string, forMs: number | undefined): void {
    if (this.#directory.get(instance) === undefined)
      throw new ChangeError(
        `there is no instance ${JSON.stringify(instance)}. Known: ${this.#directory
          .all()
          .map((each) => each.id)
          .join(', ')}`,
      );
    clearTimeout(this.#timers.get(instance));
    this.#directory.setReady(instance, false);
    const timer = forMs === undefined ? undefined : setTimeout(() => this.#readmit(instance), forMs);
    timer?.unref();
    this.#timers.set(instance, timer);
  }

  has(instance: string): boolean {
    return this.#timers.has(instance);
  }

  reset(): void {
    for (const instance of [...this.#timers.keys()]) this.#readmit(instance);
  }

  #readmit(instance: string): void {
    clearTimeout(this.#timers.get(instance));
    this.#timers.delete(instance);
    this.#directory.setReady(instance, true);
  }
}
