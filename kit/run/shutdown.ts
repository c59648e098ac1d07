// Ends what was started, in the opposite order, once. A step that fails does not keep the ones before it from ending.

/** Steps of an orderly end. */
export class Shutdown {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;

  /** Adds what ends the thing that was just started. */
  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** @throws AggregateError when steps failed; the others have run */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed');
  }
}
