// Bugs to plant into real services, so that the checker can be shown to find each of them. Test code alone knows them:
// a service is wrapped as it is loaded, and the wrapping does nothing until a bug is named.
import { sql } from 'kysely';
import { v5, v7 } from 'uuid';
import type { Service } from '#kit';
import { systemClock } from '#kit/clock/system-clock.ts';
import { changed, type SagaLike, type Work, withClients } from '../shop/changed.ts';
import type { ProcessName } from '../shop/process-name.ts';

type Handler = (request: object, context: object) => Promise<unknown>;
interface Unit {
  readonly db: Parameters<ReturnType<typeof sql>['execute']>[0];
  publish(event: object): Promise<void>;
}
type UnitWork = (unit: Unit) => Promise<unknown>;
type Once = (request: object, work: UnitWork) => Promise<unknown>;
type Transaction = (work: UnitWork) => Promise<unknown>;

/** A bug: the process that has it, what is wrong with it, and how. */
export interface Bug {
  readonly service: ProcessName;
  readonly plant: (service: Service) => Service;
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
  const anew = (clients: object): object =>
    changed(clients, client, (own: object) =>
      changed(
        own,
        method,
        (call: Handler, target) =>
          (request: object, ...rest: never[]) =>
            Reflect.apply(call, target, [{ ...request, requestId: v7() }, ...rest]),
      ),
    );
  const broken = sagas.map((saga) =>
    withClients(saga, (clients, step) => (step === stepName ? anew(clients) : clients)),
  );
  return { ...service, hooks: { ...service.hooks, sagas: broken } } as unknown as Service;
}

/** A handler whose `once` is another one. */
function withOnce(service: Service, name: string, change: (once: Once) => Once): Service {
  return withHandler(
    service,
    name,
    (handler) => (request, context) => handler(request, changed(context, 'once', change)),
  );
}

/** A handler whose unit of work is another one. */
function withUnit(service: Service, name: string, change: (unit: Unit, context: object) => Unit): Service {
  return withHandler(service, name, (handler) => (request, context) => {
    const inOther =
      (work: UnitWork): UnitWork =>
      (unit) =>
        work(change(unit, context));
    const once =
      (own: Once): Once =>
      (asked, work) =>
        own(asked, inOther(work));
    const transaction =
      (own: Transaction): Transaction =>
      (work) =>
        own(inOther(work));
    return handler(request, changed(changed(context, 'once', once), 'transaction', transaction));
  });
}

/** A unit of work whose events do not wait for it. */
function publishesAtOnce(unit: Unit, context: object): Unit {
  const { transaction } = context as { readonly transaction: Transaction };
  return { ...unit, publish: async (event) => void (await transaction((own) => own.publish(event))) };
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
    plant: (service) => withUnit(service, 'createOrder', publishesAtOnce),
  },
  'an account is told of before it is there': {
    service: 'user',
    plant: (service) => withUnit(service, 'register', publishesAtOnce),
  },
  'a version of payment knows its own charges alone': {
    service: 'payment-v1',
    plant: (service) =>
      withOnce(service, 'charge', (once) => (asked, work) => {
        const { requestId } = asked as { readonly requestId: string };
        return once({ ...asked, requestId: v5('v1', requestId) }, work);
      }),
  },
  'the gateway repeats an order under a request_id of its own': {
    service: 'gateway',
    plant: (service) => {
      const { edge } = service.hooks;
      const again =
        (call: Handler, target: object): Handler =>
        async (request) => {
          for (let tries = 0; ; tries++) {
            try {
              return await Reflect.apply(call, target, [tries === 0 ? request : { ...request, requestId: v7() }]);
            } catch (error) {
              if (tries === 50) throw error;
              await systemClock.sleep(100);
            }
          }
        };
      const broken = (given: object): object =>
        changed(
          given,
          'clients',
          (clients: (scope: object) => object) => (scope: object) =>
            changed(clients(scope), 'order', (own: object) => changed(own, 'createOrder', again)),
        );
      const hooks = { ...service.hooks, edge: (given: never) => edge?.(broken(given) as never) };
      return { ...service, hooks } as unknown as Service;
    },
  },
  'what is said is taken twice': {
    service: 'realtime',
    plant: (service) =>
      withHandler(
        service,
        'chat',
        (handler) => (requests, context) =>
          handler(
            (async function* () {
              for await (const request of requests as AsyncIterable<{ readonly say?: object }>) {
                yield request;
                if (request.say) yield { ...request, actionId: 'again' };
              }
            })(),
            context,
          ),
      ),
  },
  'a saga is started twice': {
    service: 'order',
    plant: (service) =>
      withOnce(
        service,
        'createOrder',
        (once) => (asked, work) =>
          once(asked, async (unit) => {
            const answer = (await work(unit)) as { readonly order: { readonly orderId: string } };
            await sql`
              insert into fairlead.saga (id, name, state, status, step)
              select gen_random_uuid(), name, state, status, step from fairlead.saga
              where id = ${answer.order.orderId}`.execute(unit.db);
            return answer;
          }),
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
