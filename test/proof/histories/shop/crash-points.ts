// The places of a service where its process can be killed, by name. A service is wrapped so that it says where it is; what it
// does stays its own. `charge: called` is before the handler, `charge: written` in its transaction before the commit,
// `charge: answering` after the commit and before the answer; events and saga steps have such places too.
import type { Service } from '#kit';

type Reached = (point: string) => void;
type Work = (...args: never[]) => Promise<unknown>;
type Step = Readonly<Record<'run' | 'done' | 'compensate', Work | undefined>> & { readonly name: string };

interface SagaLike {
  readonly definition: {
    readonly name: string;
    readonly steps: readonly Step[];
    readonly completed?: Work;
    readonly compensated?: Work;
  };
}

/** Server streams change nothing: they have no places. */
function isUnary(handler: unknown): handler is Work {
  return typeof handler === 'function' && handler.constructor.name !== 'AsyncGeneratorFunction';
}

const shortName = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

/** Names of all places, in the order of the service's declarations. */
export function pointsOf(service: Service): string[] {
  const { on = {}, sagas = [] } = service.hooks;
  const calls = Object.entries(service.handlers).filter(([, handler]) => isUnary(handler));
  return [
    ...calls.flatMap(([name]) => ['called', 'written', 'answering'].map((place) => `${name}: ${place}`)),
    ...Object.keys(on).flatMap((type) => ['heard', 'handled'].map((place) => `${shortName(type)}: ${place}`)),
    ...(sagas as unknown as readonly SagaLike[]).flatMap(({ definition: { name, steps, completed, compensated } }) => [
      ...steps.flatMap((step) => [
        `${name}/${step.name}: asking`,
        `${name}/${step.name}: answered`,
        ...(step.done === undefined ? [] : [`${name}/${step.name}: recorded`]),
        ...(step.compensate === undefined ? [] : [`${name}/${step.name}: undoing`, `${name}/${step.name}: undone`]),
      ]),
      ...(completed === undefined ? [] : [`${name}: completed`]),
      ...(compensated === undefined ? [] : [`${name}: compensated`]),
    ]),
  ];
}

/** What `work` does, with places before and after. */
function between(work: Work, before: () => void, after: () => void): Work {
  return async (...args) => {
    before();
    const result = await work(...args);
    after();
    return result;
  };
}

/** A context whose units of work say when they are written and not yet committed. */
function watched(context: object, written: () => void): object {
  return new Proxy(context, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (key === 'once') {
        const once = value as (request: object, work: Work) => Promise<unknown>;
        return (request: object, work: Work) =>
          once(
            request,
            between(work, () => {}, written),
          );
      }
      if (key === 'transaction') {
        const transaction = value as (work: Work) => Promise<unknown>;
        return (work: Work) => transaction(between(work, () => {}, written));
      }
      return value;
    },
  });
}

/** The service, telling `reached` of every place that it comes to. */
export function withCrashPoints(service: Service, reached: Reached): Service {
  const at = (point: string) => (): void => reached(point);
  const handlers = Object.entries(service.handlers).map(([name, handler]) => {
    if (!isUnary(handler)) return [name, handler];
    const work = (request: never, context: object): Promise<unknown> =>
      (handler as (request: never, context: object) => Promise<unknown>)(
        request,
        watched(context, at(`${name}: written`)),
      );
    return [name, between(work as Work, at(`${name}: called`), at(`${name}: answering`))];
  });
  const { on = {}, sagas = [] } = service.hooks;
  const listeners = Object.entries(on as Readonly<Record<string, Work>>).map(([type, handle]) => [
    type,
    between(handle, at(`${shortName(type)}: heard`), at(`${shortName(type)}: handled`)),
  ]);
  const hooks = {
    ...service.hooks,
    ...(service.hooks.on === undefined ? {} : { on: Object.fromEntries(listeners) }),
    ...(sagas.length === 0
      ? {}
      : { sagas: (sagas as unknown as readonly SagaLike[]).map((saga) => watchedSaga(saga, at)) }),
  };
  return { ...service, handlers: Object.fromEntries(handlers), hooks } as unknown as Service;
}

function watchedSaga(saga: SagaLike, at: (point: string) => () => void): SagaLike {
  const { definition } = saga;
  const { name, completed, compensated } = definition;
  const nothing = (): void => {};
  const steps = definition.steps.map((step): Step => {
    const place = `${name}/${step.name}`;
    const { run, done, compensate } = step;
    return {
      ...step,
      run: run && between(run, at(`${place}: asking`), at(`${place}: answered`)),
      ...(done === undefined ? {} : { done: between(done, nothing, at(`${place}: recorded`)) }),
      ...(compensate === undefined
        ? {}
        : { compensate: between(compensate, at(`${place}: undoing`), at(`${place}: undone`)) }),
    } as Step;
  });
  return {
    ...saga,
    definition: {
      ...definition,
      steps,
      ...(completed === undefined ? {} : { completed: between(completed, nothing, at(`${name}: completed`)) }),
      ...(compensated === undefined ? {} : { compensated: between(compensated, nothing, at(`${name}: compensated`)) }),
    },
  };
}
