// The commerce story: a customer registers, browses, checks out, follows the order to delivery, cancels another and is
// refunded. Told against any gateway, so that a laptop and a cluster are held to the same.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ApiClient } from './api-client.ts';

interface Product {
  readonly productId: string;
  readonly name: string;
  readonly category: string;
  readonly price: { readonly currencyCode: string; readonly units: string };
}
interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly status: string;
  readonly total: { readonly currencyCode: string; readonly units: string };
  readonly refundedAmount?: { readonly units: string } | null;
  readonly failure?: { readonly reason: string } | null;
}
interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A customer who has registered. */
export interface Customer {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly tokens: Tokens;
  readonly api: ApiClient;
}

/** One told step, for a reader who watches. */
export type Tell = (step: string) => void;

const address = {
  recipient: 'Ada Marsh',
  lines: ['12 Quay Street'],
  city: 'Bristol',
  postalCode: 'BS1 4DJ',
  countryCode: 'GB',
};

/** Registers a new customer with a fresh address. */
export async function register(api: ApiClient): Promise<Customer> {
  const email = `customer-${randomUUID()}@example.com`;
  const password = 'correct horse battery';
  const { user, tokens } = await api.call<{ user: { userId: string }; tokens: Tokens }>(
    'POST',
    '/api/v2/users:register',
    {
      email,
      password,
      displayName: 'Ada Marsh',
      locale: 'en-GB',
    },
  );
  return { userId: user.userId, email, password, tokens, api: api.as(tokens.accessToken) };
}

/** Places an order of the given products and returns it as it was answered. */
export async function order(
  customer: Customer,
  items: readonly { readonly productId: string; readonly quantity: number }[],
  paymentToken = 'tok_approve',
  requestId: string = randomUUID(),
): Promise<Order> {
  const reply = await customer.api.call<{ order: Order }>('POST', '/api/v2/orders', {
    requestId,
    items,
    shippingAddress: address,
    paymentToken,
  });
  return reply.order;
}

/** Asks for an order until it has one of the statuses. The read side follows the writing side within moments. */
export async function awaitStatus(
  customer: Customer,
  orderId: string,
  statuses: readonly string[],
  timeoutMs = 60_000,
): Promise<Order> {
  const end = performance.now() + timeoutMs;
  let last = 'nothing';
  for (;;) {
    const reply = await customer.api.send<{ order?: Order }>('GET', `/api/v2/orders/${orderId}`);
    if (reply.status === 200 && reply.body.order !== undefined) {
      if (statuses.includes(reply.body.order.status)) return reply.body.order;
      last = reply.body.order.status;
    } else {
      last = `HTTP ${reply.status}`;
    }
    if (performance.now() > end)
      throw new Error(`order ${orderId} is ${last}, not ${statuses.join(' or ')}, after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Products of the catalogue, the first page. */
export async function browse(api: ApiClient, pageSize = 20): Promise<readonly Product[]> {
  const { products } = await api.call<{ products: Product[] }>('GET', `/api/v2/products?pageSize=${pageSize}`);
  return products;
}

/** Tells the whole story and asserts every step of it. */
export async function commerceStory(api: ApiClient, tell: Tell = () => {}): Promise<void> {
  const customer = await register(api);
  tell(`registered ${customer.email}`);
  const login = await api.call<{ tokens: Tokens }>('POST', '/api/v2/users:login', {
    email: customer.email,
    password: customer.password,
  });
  assert.notEqual(login.tokens.refreshToken, customer.tokens.refreshToken);
  const me = await customer.api.call<{ user: { userId: string; email: string } }>('GET', '/api/v2/users/me');
  assert.equal(me.user.userId, customer.userId);
  assert.equal(me.user.email, customer.email);

  const products = await browse(api);
  assert.equal(products.length, 20);
  const [first, second] = products;
  assert.ok(first && second);
  const one = await api.call<{ product: Product }>('GET', `/api/v2/products/${first.productId}`);
  assert.equal(one.product.name, first.name);
  tell(`browsed ${products.length} products, such as ${first.name}`);

  const requestId = randomUUID();
  const items = [
    { productId: first.productId, quantity: 1 },
    { productId: second.productId, quantity: 2 },
  ];
  const placed = await order(customer, items, 'tok_approve', requestId);
  assert.equal(Number(placed.total.units), Number(first.price.units) + 2 * Number(second.price.units));
  const again = await order(customer, items, 'tok_approve', requestId);
  assert.equal(again.orderId, placed.orderId, 'the same request id names the same order');
  tell(`ordered for ${placed.total.units} ${placed.total.currencyCode} minor units: ${placed.status}`);

  await awaitStatus(customer, placed.orderId, [
    'ORDER_STATUS_SHIPMENT_SCHEDULED',
    'ORDER_STATUS_IN_TRANSIT',
    'ORDER_STATUS_DELIVERED',
  ]);
  const seen = await customer.api.events<{ order: Order }>(
    `/api/v2/orders/${placed.orderId}:watch`,
    (messages) => messages.at(-1)?.order.status === 'ORDER_STATUS_DELIVERED',
  );
  assert.equal(seen.at(-1)?.order.status, 'ORDER_STATUS_DELIVERED');
  tell('followed it to the door');

  const regretted = await order(customer, [{ productId: first.productId, quantity: 3 }]);
  await customer.api.call('POST', `/api/v2/orders/${regretted.orderId}:cancel`, {
    requestId: randomUUID(),
    reason: 'too many',
  });
  const cancelled = await awaitStatus(customer, regretted.orderId, ['ORDER_STATUS_CANCELLED']);
  assert.equal(cancelled.refundedAmount?.units, cancelled.total.units, 'the whole amount is refunded');
  tell('cancelled another and was refunded');

  const declined = await order(customer, [{ productId: second.productId, quantity: 1 }], 'tok_decline');
  const failed = await awaitStatus(customer, declined.orderId, ['ORDER_STATUS_FAILED']);
  assert.equal(failed.failure?.reason, 'FAILURE_REASON_PAYMENT_DECLINED');
  tell('was told of a declined card');

  const list = await customer.api.call<{ orders: Order[] }>('GET', '/api/v2/orders');
  assert.deepEqual(
    new Set(list.orders.map((each) => each.orderId)),
    new Set([placed.orderId, regretted.orderId, declined.orderId]),
  );
  const stranger = await register(api);
  assert.equal((await stranger.api.send('GET', `/api/v2/orders/${placed.orderId}`)).status, 404);
  assert.equal((await api.send('GET', `/api/v2/orders/${placed.orderId}`)).status, 401);
  tell('nobody else can see the order');

  const notifications = await customer.api.call<{ notifications: unknown[] }>('GET', '/api/v2/notifications');
  assert.ok(notifications.notifications.length >= 3, 'the order, its delivery and the refund were notified');
  const trending = await api.call<{ products: { productId: string }[] }>('GET', '/api/v2/trending');
  assert.ok(trending.products.some((each) => each.productId === second.productId));
  const recommended = await stranger.api.call<{ recommendations: unknown[] }>('GET', '/api/v2/recommendations');
  assert.ok(recommended.recommendations.length > 0, 'a new user is recommended something too');
  const dashboard = await customer.api.call<Record<string, unknown>>(
    'GET',
    `/api/v2/users/${customer.userId}/dashboard`,
  );
  for (const part of ['user', 'orders', 'recommendations']) assert.ok(part in dashboard, `the dashboard has ${part}`);
  tell('was notified, and recommended more');

  const key = await customer.api.call<{ secret: string }>('POST', '/api/v2/users/me/apiKeys', { displayName: 'story' });
  const partner = await api.withApiKey(key.secret).call<{ orders: Order[] }>('GET', '/api/v2/orders');
  assert.equal(partner.orders.length, 3);
  tell('an API key opens the same doors');
}
