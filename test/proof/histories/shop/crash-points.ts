// The places of a service where its process can be killed, by name. A service is wrapped so that it says where it is; what
// it does stays its own. `charge: called` is before the handler, `charge: written` in its transaction before the commit,
// `charge: answering` after the commit and before the answer; events, saga steps and the calls of an edge have such places too.
import type { Service } from '#kit';
import { loadContract } from '#kit/contract/contract.ts';
import { changed, type SagaLike, type StepLike, type Work } from './changed.ts';

type Reached = (point: string) => void;

const shortName = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

/** Names of the methods of a contract by what they stream. Server streams change nothing: they have no places. */
function methodsOf(contract: string | undefined): { readonly single: Set<string>; readonly both: Set<string> } {
  const methods = contract === undefined ? [] : loadContract(contract).methods;
  const names = (kinds: readonly string[]): Set<string> =>
    new Set(methods.filter(({ kind }) => kinds.includes(kind)).map(({ handlerName }) => handlerName));
  return { single: names(['unary', 'clientStream']), both: names(['bidiStream']) };
}

/** Unary methods that an edge may call, by service. */
function callsOf({ manifest, hooks }: Service): readonly (readonly [service: string, methods: readonly string[]])[] {
  if (hooks.edge === undefined) return [];
  return Object.entries(manifest.calls ?? {}).map(([name, { contract, methods }]) => {
    const unary = loadContract(contract).methods.filter(({ kind, rpc }) => kind === 'unary' && methods.includes(rpc));
    return [name, unary.map(({ handlerName }) => handlerName)];
  });
}

/** Names of all places, in the order of the service's declarations. */
export function pointsOf(service: Service): string[] {
  const { on = {}, sagas = [] } = service.hooks;
  const { single, both } = methodsOf(service.manifest.contract);
  return [
    ...[...single].flatMap((name) => ['called', 'written', 'answering'].map((place) => `${name}: ${place}`)),
    ...[...both].map((name) => `${name}: written`),
    ...callsOf(service).flatMap(([, names]) =>
      names.flatMap((name) => ['asking', 'answered'].map((place) => `${name}: ${place}`)),
    ),
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
  const nothing = (): void => {};
  const inOnce = changed(
    context,
    'once',
    (once: (request: object, work: Work) => Promise<unknown>) => (request: object, work: Work) =>
      once(request, between(work, nothing, written)),
  );
  return changed(
    inOnce,
    'transaction',
    (transaction: (work: Work) => Promise<unknown>) => (work: Work) => transaction(between(work, nothing, written)),
  );
}

/** The service, telling `reached` of every place that it comes to. */
export function withCrashPoints(service: Service, reached: Reached): Service {
  const at = (point: string) => (): void => reached(point);
  const { single, both } = methodsOf(service.manifest.contract);
  const handlers = Object.entries(service.handlers).map(([name, handler]) => {
    if (!single.has(name) && !both.has(name)) return [name, handler];
    const work = (request: never, context: object): unknown =>
      (handler as (request: never, context: object) => unknown)(request, watched(context, at(`${name}: written`)));
    return [name, both.has(name) ? work : between(work as Work, at(`${name}: called`), at(`${name}: answering`))];
  });
  const { on = {}, sagas = [], edge } = service.hooks;
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
    ...(edge && { edge: (given: object) => (edge as Work)(watchedEdge(service, given, at) as never) }),
  };
  return { ...service, handlers: Object.fromEntries(handlers), hooks } as unknown as Service;
}

/** An edge whose calls have places before they are made and after they were answered. */
function watchedEdge(service: Service, edge: object, at: (point: string) => () => void): object {
  const calls = callsOf(service);
  return changed(edge, 'clients', (clients: (scope: object) => object) => (scope: object) => {
    let own = clients(scope);
    for (const [name, methods] of calls) {
      own = changed(own, name, (client: object) =>
        methods.reduce(
          (watched, method) =>
            changed(watched, method, (call: Work) =>
              between(call.bind(client) as Work, at(`${method}: asking`), at(`${method}: answered`)),
            ),
          client,
        ),
      );
    }
    return own;
  });
}

function watchedSaga(saga: SagaLike, at: (point: string) => () => void): SagaLike {
  const { definition } = saga;
  const { name } = definition;
  const nothing = (): void => {};
  const steps = definition.steps.map(({ run, compensate, ...step }): StepLike => {
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
