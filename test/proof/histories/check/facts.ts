// What the databases and the event log say when a history has come to rest: rows as they are, events decoded.
import { codecOf, type Message, type MessageName } from '#kit';
import type { StockEvent } from '#proto/fairlead/inventory/v1/stock_event.ts';
import type { Order } from '#proto/fairlead/order/v1/order.ts';
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import type { PaymentEvent } from '#proto/fairlead/payment/v1/payment_event.ts';
import type { ShipmentEvent } from '#proto/fairlead/shipping/v1/shipment_event.ts';
import type { UserEvent } from '#proto/fairlead/user/v1/user_event.ts';
import notification from '../../../../services/notification/manifest.ts';
import order from '../../../../services/order/manifest.ts';
import orderQuery from '../../../../services/order-query/manifest.ts';
import realtime from '../../../../services/realtime/manifest.ts';
import recommendation from '../../../../services/recommendation/manifest.ts';
import type { Plan } from '../plan/plan.ts';
import type { Entry } from '../run/history.ts';
import type { ServiceName } from '../shop/process-name.ts';
import type { Shop } from '../shop/shop.ts';

export interface AccountFact {
  readonly user_id: string;
  readonly email: string;
  readonly display_name: string;
  readonly revision: number;
}

export interface OrderFact {
  readonly order_id: string;
  readonly user_id: string;
  readonly status: string;
  readonly sequence: number;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
  readonly currency: string;
  readonly total: number;
  readonly payment_id: string | null;
  readonly shipment_id: string | null;
  readonly refunded: number;
  readonly failure: { readonly reason: string } | null;
}

export interface SagaFact {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly order_id: string;
}

export interface PaymentFact {
  readonly payment_id: string;
  readonly order_id: string;
  readonly status: string;
  readonly amount: number;
  readonly refunded: number;
  readonly sequence: number;
  readonly charged_by_version: string;
  readonly risk: object | null;
}

export interface ReservationFact {
  readonly reservation_id: string;
  readonly order_id: string;
  readonly state: 'HELD' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

export interface StockFact {
  readonly product_id: string;
  readonly available: number;
  readonly reserved: number;
  readonly version: number;
}

export interface ShipmentFact {
  readonly shipment_id: string;
  readonly order_id: string;
  readonly state: string;
  readonly sequence: number;
}

export interface NotificationFact {
  readonly notification_id: string;
  readonly user_id: string;
  readonly order_id: string;
  readonly kind: string;
  readonly deliveries: Readonly<Record<string, { readonly state: string }>>;
}

export interface MessageFact {
  readonly room_id: string;
  readonly sequence: number;
  readonly author_id: string;
  readonly text: string;
}

/** A name or an address that a service has learnt of an account. */
export interface LearntFact {
  readonly user_id: string;
  readonly display_name: string;
  /** @default - only the notification service keeps it */
  readonly email?: string;
}

/** An event of the log. */
export interface LoggedEvent<T> {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: T;
}

/** See the head of the file. */
export interface Facts {
  readonly plan: Plan;
  readonly history: readonly Entry[];
  readonly accounts: readonly AccountFact[];
  /** What is known elsewhere of accounts, by who knows it. */
  readonly learnt: ReadonlyMap<ServiceName, readonly LearntFact[]>;
  readonly orders: readonly OrderFact[];
  /** Order that the order service remembers for a request id. */
  readonly orderOfRequest: ReadonlyMap<string, string>;
  readonly sagas: readonly SagaFact[];
  readonly payments: readonly PaymentFact[];
  readonly reservations: readonly ReservationFact[];
  readonly stock: readonly StockFact[];
  /** Version of each level when the history began. */
  readonly firstVersions: ReadonlyMap<string, number>;
  readonly shipments: readonly ShipmentFact[];
  readonly userEvents: readonly LoggedEvent<UserEvent>[];
  readonly orderEvents: readonly LoggedEvent<OrderEvent>[];
  readonly paymentEvents: readonly LoggedEvent<PaymentEvent>[];
  readonly shipmentEvents: readonly LoggedEvent<ShipmentEvent>[];
  readonly stockEvents: readonly LoggedEvent<StockEvent>[];
  /** Ids of events that each consumer has handled. */
  readonly handled: ReadonlyMap<ServiceName, ReadonlySet<string>>;
  readonly parked: readonly { readonly group_name: string; readonly event_id: string; readonly error: string }[];
  /** The order as order-query has it after each event, oldest first. */
  readonly readModel: ReadonlyMap<string, readonly Order[]>;
  readonly notifications: readonly NotificationFact[];
  readonly purchases: readonly { readonly order_id: string; readonly product_id: string; readonly quantity: number }[];
  /** Pairs whose count differs from the purchases that are there, in the whole database. */
  readonly wrongPairs: readonly object[];
  /** Prices of the catalogue, in minor units. */
  readonly prices: ReadonlyMap<string, number>;
  /** What was said about orders, in its order. */
  readonly messages: readonly MessageFact[];
  /** How many sit in rooms, though everybody has gone. */
  readonly seats: number;
}

/** Consumers, with the types that each one's manifest declares. */
export const consumers: ReadonlyMap<Exclude<ServiceName, 'gateway'>, readonly string[]> = new Map(
  [order, orderQuery, notification, recommendation, realtime].map(({ name, consumes }) => [name, consumes]),
);

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: Buffer;
}

/** Where the history began, in the databases' terms. */
export interface Beginning {
  readonly time: Date;
  readonly versions: ReadonlyMap<string, number>;
}

const learntQuery = (table: string): string => `select * from ${table} where user_id = any($1)`;

const pairsQuery = `
  with pairs as (
    select a.product_id, b.product_id as other_product_id, count(*)::int as orders
    from purchases a join purchases b using (order_id) where a.product_id <> b.product_id group by 1, 2)
  select product_id, other_product_id, order_count, orders
  from bought_together full join pairs using (product_id, other_product_id)
  where coalesce(order_count, 0) <> coalesce(orders, 0)`;

/** Ids of the accounts that the plan's customers have. */
export async function userIdsOf(shop: Shop, { orders }: Plan): Promise<string[]> {
  const rows = await shop.query<AccountFact>('user', 'select * from users where email = any($1)', [
    orders.map(({ email }) => email),
  ]);
  return rows.map(({ user_id }) => user_id);
}

/** Reads all that the invariants ask for. */
export async function readFacts(
  shop: Shop,
  plan: Plan,
  history: readonly Entry[],
  beginning: Beginning,
): Promise<Facts> {
  const emails = plan.orders.map(({ email }) => email);
  const accounts = await shop.query<AccountFact>('user', 'select * from users where email = any($1)', [emails]);
  // An account that was acknowledged and is lost is one of them.
  const answered = history.flatMap(({ value }) => (typeof value.userId === 'string' ? [value.userId] : []));
  const users = [...new Set([...accounts.map(({ user_id }) => user_id), ...answered])];
  const products = [...plan.stock.keys()];
  const orders = await shop.query<OrderFact>('order', 'select * from orders where user_id = any($1)', [users]);
  const ids = orders.map(({ order_id }) => order_id);
  const remembered = await shop.query<{ request_id: string; response: Buffer }>(
    'order',
    'select request_id, response from fairlead.once where request_id = any($1) and method like $2',
    [plan.orders.map(({ requestId }) => requestId), '%/CreateOrder'],
  );
  const created = codecOf('fairlead.order.v1.CreateOrderResponse');
  const rows = await shop.query<EventRow>(
    'events',
    `select id, type, key, payload from event_log.event
     where appended_at >= $1 or key = any($2) order by topic, partition, position`,
    [beginning.time, ids],
  );
  const eventsOf = <N extends MessageName>(type: N): LoggedEvent<Message<N>>[] =>
    rows
      .filter((row) => row.type === type)
      .map(({ payload, ...row }) => ({ ...row, payload: codecOf(type).decode(payload) as Message<N> }));
  const states = await shop.query<{ order_id: string; order_json: object }>(
    'order-query',
    'select order_id, order_json from order_states where order_id = any($1) order by order_id, sequence',
    [ids],
  );
  const orderCodec = codecOf('fairlead.order.v1.Order');
  const readModel = new Map<string, Order[]>();
  for (const { order_id, order_json } of states) {
    readModel.set(order_id, [...(readModel.get(order_id) ?? []), orderCodec.fromJson(order_json) as Order]);
  }
  const handled = new Map<ServiceName, ReadonlySet<string>>();
  for (const name of consumers.keys()) {
    const found = await shop.query<{ event_id: string }>(
      name,
      'select event_id from fairlead.handled_event where event_id = any($1)',
      [rows.map(({ id }) => id)],
    );
    handled.set(name, new Set(found.map(({ event_id }) => event_id)));
  }
  const ofUs = <T extends { readonly userId: string }>({ payload }: LoggedEvent<T>): boolean =>
    users.includes(payload.userId);
  const rooms = ids.map((id) => `orders/${id}`);
  const [{ seats = 0 } = {}] = await shop.query<{ seats: number }>(
    'realtime',
    'select count(*)::int as seats from presences',
  );
  const priced = await shop.query<{ product_id: string; price_units: number }>(
    'catalog',
    'select product_id, price_units from products where product_id = any($1)',
    [products],
  );
  return {
    plan,
    history,
    accounts,
    learnt: new Map<ServiceName, readonly LearntFact[]>([
      ['notification', await shop.query<LearntFact>('notification', learntQuery('addresses'), [users])],
      ['realtime', await shop.query<LearntFact>('realtime', learntQuery('people'), [users])],
    ]),
    orders,
    orderOfRequest: new Map(
      remembered.map(({ request_id, response }) => [request_id, created.decode(response).order?.orderId ?? '']),
    ),
    sagas: await shop.query<SagaFact>(
      'order',
      "select id, name, status, state->>'orderId' as order_id from fairlead.saga where state->>'orderId' = any($1)",
      [ids],
    ),
    payments: await shop.query<PaymentFact>('payment', 'select * from payments where user_id = any($1)', [users]),
    reservations: await shop.query<ReservationFact>(
      'inventory',
      'select * from reservations where create_time >= $1 or order_id = any($2)',
      [beginning.time, ids],
    ),
    stock: await shop.query<StockFact>('inventory', 'select * from stock where product_id = any($1)', [products]),
    firstVersions: beginning.versions,
    shipments: await shop.query<ShipmentFact>('shipping', 'select * from shipments where user_id = any($1)', [users]),
    userEvents: eventsOf('fairlead.user.v1.UserEvent').filter(
      ({ payload }) => users.includes(payload.userId) || emails.includes(payload.registered?.email ?? ''),
    ),
    orderEvents: eventsOf('fairlead.order.v1.OrderEvent').filter(ofUs),
    paymentEvents: eventsOf('fairlead.payment.v1.PaymentEvent').filter(ofUs),
    shipmentEvents: eventsOf('fairlead.shipping.v1.ShipmentEvent').filter(ofUs),
    stockEvents: eventsOf('fairlead.inventory.v1.StockEvent').filter(({ key }) => products.includes(key)),
    handled,
    parked: await shop.query(
      'events',
      'select group_name, event_id, error from event_log.parked_event where event_id = any($1)',
      [rows.map(({ id }) => id)],
    ),
    readModel,
    notifications: await shop.query<NotificationFact>(
      'notification',
      'select * from notifications where user_id = any($1)',
      [users],
    ),
    purchases: await shop.query('recommendation', 'select * from purchases where user_id = any($1)', [users]),
    wrongPairs: await shop.query('recommendation', pairsQuery),
    prices: new Map(priced.map(({ product_id, price_units }) => [product_id, price_units])),
    messages: await shop.query<MessageFact>(
      'realtime',
      'select * from messages where room_id = any($1) order by room_id, sequence',
      [rooms],
    ),
    seats,
  };
}
