// Objects that are as they were but for one value: how tests get between a service and what it is given.

/** The object with one of its values made from the value that it has. */
export function changed<T extends object>(object: T, key: string, change: (value: never, object: T) => unknown): T {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as never;
      return name === key ? change(value, target) : value;
    },
  });
}

/** A saga as these tests see it. */
export interface SagaLike {
  readonly definition: {
    readonly name: string;
    readonly steps: readonly StepLike[];
    readonly completed?: Work;
    readonly compensated?: Work;
    readonly kept?: Work;
  };
}

/** A step of one. */
export interface StepLike {
  readonly name: string;
  readonly run: Work;
  readonly compensate?: Work;
}

/** Anything that a service does. */
export type Work = (...args: never[]) => Promise<unknown>;

/** The saga with other clients in the contexts of its steps. */
export function withClients<S extends SagaLike>(saga: S, change: (clients: object, step: string) => object): S {
  const around = (name: string, work: Work): Work => {
    const step = work as unknown as (state: object, context: { readonly clients: object }) => Promise<unknown>;
    return ((state: object, context: { readonly clients: object }) =>
      step(state, Object.create(context, { clients: { value: change(context.clients, name) } }))) as unknown as Work;
  };
  const { definition } = saga;
  const steps = definition.steps.map(({ run, compensate, ...step }) => ({
    ...step,
    run: around(step.name, run),
    ...(compensate && { compensate: around(step.name, compensate) }),
  }));
  return { ...saga, definition: { ...definition, steps } };
}
