// Bugs to plant into real services, so that the checker can be shown to find each of them. Test code alone knows them:
// a service is wrapped as it is loaded, and the wrapping does nothing until a bug is named.
import { sql } from 'kysely';
import { v7 } from 'uuid';
import type { Service } from '#kit';

type Work = (...args: never[]) => Promise<unknown>;
type Handler = (request: object, context: object) => Promise<unknown>;
interface Unit {
  readonly db: Parameters<ReturnType<typeof sql>['execute']>[0];
  publish(event: object): Promise<void>;
}
interface Step {
  readonly name: string;
  readonly run: (state: object, context: object) => Promise<unknown>;
}
interface SagaLike {
  readonly definition: { readonly name: string; readonly steps: readonly Step[] };
}

/** A bug: the service that has it, what is wrong with it, and how. */
export interface Bug {
  readonly service: 'order' | 'inventory' | 'order-query' | 'notification' | 'recommendation';
  readonly plant: (service: Service) => Service;
}

/** The object with one of its values made from the value that it has. */
function changed<T extends object>(object: T, key: string, change: (value: never, object: T) => unknown): T {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as never;
      return name === key ? change(value, target) : value;
    },
  });
}

/** The handler of a call, replaced. */
function withHandler(service: Service, name: string, replace: (handler: Handler) => Handler): Service {
  const handlers = service.handlers as unknown as Readonly<Record<string, Handler>>;
  const handler = handlers[name];
  if (handler === undefined) throw new Error(`no handler ${name} to plant a bug in`);
  return { ...service, handlers: { ...handlers, [name]: replace(handler) } } as unknown as Service;
}

/** The handler of an event, replaced. */
function withListener(service: Service, type: string, replace: (handle: Work) => Work): Service {
  const on = (service.hooks.on ?? {}) as Readonly<Record<string, Work>>;
  const handle = on[type];
  if (handle === undefined) throw new Error(`no handler of ${type} to plant a bug in`);
  return { ...service, hooks: { ...service.hooks, on: { ...on, [type]: replace(handle) } } } as unknown as Service;
}

/** A step whose call names itself anew at each try, as if nobody had heard of request ids. */
function forgetsRequestId(service: Service, stepName: string, client: string, method: string): Service {
  const sagas = (service.hooks.sagas ?? []) as unknown as readonly SagaLike[];
  const anew = (context: object): object => {
    const { clients } = context as { readonly clients: object };
    const broken = changed(clients, client, (own: object) =>
      changed(
        own,
        method,
        (call: Handler, target) =>
          (request: object, ...rest: never[]) =>
            Reflect.apply(call, target, [{ ...request, requestId: v7() }, ...rest]),
      ),
    );
    return Object.create(context, { clients: { value: broken } });
  };
  const broken = sagas.map((saga) => ({
    ...saga,
    definition: {
      ...saga.definition,
      steps: saga.definition.steps.map((step) =>
        step.name === stepName
          ? { ...step, run: (state: object, context: object) => step.run(state, anew(context)) }
          : step,
      ),
    },
  }));
  return { ...service, hooks: { ...service.hooks, sagas: broken } } as unknown as Service;
}

/** A handler whose unit of work is another one. */
function withUnit(service: Service, name: string, change: (unit: Unit, context: object) => Unit): Service {
  return withHandler(
    service,
    name,
    (handler) => (request, context) =>
      handler(
        request,
        changed(
          context,
          'once',
          (once: (request: object, work: (unit: Unit) => Promise<unknown>) => Promise<unknown>) =>
            (asked: object, work: (unit: Unit) => Promise<unknown>) =>
              once(asked, (unit) => work(change(unit, context))),
        ),
      ),
  );
}

/** Bugs by name. */
export const bugs: Readonly<Record<string, Bug>> = {
  'a charge is repeated without its request_id': {
    service: 'order',
    plant: (service) => forgetsRequestId(service, 'charge', 'payment', 'charge'),
  },
  'a shipment is scheduled again without its request_id': {
    service: 'order',
    plant: (service) => forgetsRequestId(service, 'schedule', 'shipping', 'schedule'),
  },
  'an event is published before the commit': {
    service: 'order',
    plant: (service) =>
      withUnit(service, 'createOrder', (unit, context) => {
        const { transaction } = context as { transaction(work: (own: Unit) => Promise<void>): Promise<void> };
        return { ...unit, publish: (event) => transaction((own) => own.publish(event)) };
      }),
  },
  'a saga is started twice': {
    service: 'order',
    plant: (service) =>
      withHandler(
        service,
        'createOrder',
        (handler) => (request, context) =>
          handler(
            request,
            changed(
              context,
              'once',
              (once: (request: object, work: (unit: Unit) => Promise<unknown>) => Promise<unknown>) =>
                (asked: object, work: (unit: Unit) => Promise<unknown>) =>
                  once(asked, async (unit) => {
                    const answer = (await work(unit)) as { readonly order: { readonly orderId: string } };
                    await sql`
                      insert into fairlead.saga (id, name, state, status, step)
                      select gen_random_uuid(), name, state, status, step from fairlead.saga
                      where id = ${answer.order.orderId}`.execute(unit.db);
                    return answer;
                  }),
            ),
          ),
      ),
  },
  'a release is lost': {
    service: 'inventory',
    plant: (service) =>
      withHandler(service, 'release', () => async (request) => ({
        reservation: { ...request, orderId: '', items: [], state: 'RESERVATION_STATE_RELEASED', expireTime: null },
      })),
  },
  'an event is handled twice': {
    service: 'notification',
    plant: (service) =>
      withListener(service, 'fairlead.order.v1.OrderEvent', (handle) => async (...args) => {
        await handle(...args);
        await handle(...args);
      }),
  },
  'an event is lost on the way to the read model': {
    service: 'order-query',
    plant: (service) =>
      withListener(service, 'fairlead.order.v1.OrderEvent', (handle) => async (...args) => {
        const [event] = args as unknown as [{ readonly payload: { readonly inTransit?: object } }];
        if (!event.payload.inTransit) await handle(...args);
      }),
  },
};

/** The service with the bug; as it is for an empty name. */
export function planted(service: Service, name: string): Service {
  return name === '' ? service : (bugs[name]?.plant(service) ?? service);
}
