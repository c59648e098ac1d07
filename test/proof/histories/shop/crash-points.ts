// The places of a service where its process can be killed, by name. A service is wrapped so that it says where it is; what
// it does stays its own. `charge: called` is before the handler, `charge: written` in its transaction before the commit,
// `charge: answering` after the commit and before the answer; events and saga steps have such places too.
import type { Service } from '#kit';

type Reached = (point: string) => void;
type Work = (...args: never[]) => Promise<unknown>;
interface Step {
  readonly name: string;
  readonly run: Work;
  readonly compensate?: Work;
}

interface SagaLike {
  readonly definition: {
    readonly name: string;
    readonly steps: readonly Step[];
    readonly completed?: Work;
    readonly compensated?: Work;
    readonly kept?: Work;
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
    ...(sagas as unknown as readonly SagaLike[]).flatMap(({ definition: { name, steps, ...ends } }) => [
      ...steps.flatMap((step) => [
        `${name}/${step.name}: asking`,
        `${name}/${step.name}: answered`,
        `${name}/${step.name}: recorded`,
        ...(step.compensate === undefined ? [] : [`${name}/${step.name}: undoing`, `${name}/${step.name}: undone`]),
      ]),
      ...(['completed', 'compensated', 'kept'] as const)
        .filter((end) => ends[end] !== undefined)
        .map((end) => `${name}: ${end}`),
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
  const { name } = definition;
  const nothing = (): void => {};
  const steps = definition.steps.map(({ run, compensate, ...step }): Step => {
    const place = `${name}/${step.name}`;
    return {
      ...step,
      run: recorded(between(run, at(`${place}: asking`), at(`${place}: answered`)), at(`${place}: recorded`)),
      ...(compensate && { compensate: between(compensate, at(`${place}: undoing`), at(`${place}: undone`)) }),
    };
  });
  const endings = (['completed', 'compensated', 'kept'] as const).flatMap((end) => {
    const work = definition[end];
    return work === undefined ? [] : [[end, between(work, nothing, at(`${name}: ${end}`))]];
  });
  return { ...saga, definition: { ...definition, steps, ...Object.fromEntries(endings) } };
}

/** A step whose change of its record, in the transaction that records its progress, has a place behind it. */
function recorded(work: Work, after: () => void): Work {
  return async (...args) => {
    const result = await work(...args);
    return typeof result === 'function' ? between(result as Work, () => {}, after) : result;
  };
}
