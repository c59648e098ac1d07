import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { notFound } from '#kit/errors/not-found.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { startGateway, type TestGateway, userId } from './gateway.fixture.ts';

const orderId = '0190a0b0-0000-7000-8000-0000000000aa';
const money = { currencyCode: 'EUR', units: 1999, nanos: 0 };

describe('methods of the contracts over HTTP', () => {
  let gateway: TestGateway;
  const seen: Record<string, unknown>[] = [];
  let exchanges = 0;

  before(async () => {
    gateway = await startGateway({
      user: {
        register: async (request) => {
          seen.push({ ...request });
          return { user: { userId, email: request.email, createTime: new Date('2026-01-31T12:00:00.250Z') } };
        },
        getUser: async (request, context) => {
          seen.push({ ...request, caller: context.user().id, requestId: context.requestId });
          return { user: { userId, displayName: 'Ada', roles: ['customer'] } };
        },
        updateUser: async (request) => {
          seen.push({ ...request });
          return { user: { userId, displayName: request.user?.displayName ?? '' } };
        },
        exchangeApiKey: async ({ apiKey }) => {
          exchanges += 1;
          if (!apiKey.startsWith('fk_good')) throw new RpcError('UNAUTHENTICATED', 'the API key is not valid');
          return {
            accessToken: await gateway.token({ credential: 'api_key', api_key_id: 'k1' }),
            user: { userId, expireTime: new Date(Date.now() + 300_000) },
          };
        },
        getJsonWebKeySet: async () => ({
          keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'abc', alg: 'EdDSA', use: 'sig' }],
        }),
      },
      order: {
        cancelOrder: async (request) => {
          seen.push({ ...request });
          return { order: { orderId: request.orderId, total: money, status: 'ORDER_STATUS_CANCELLED' } };
        },
      },
      'order-query': {
        listUserOrders: async (request) => {
          seen.push({ ...request });
          return { orders: [{ orderId, total: money }], totalSize: 1 };
        },
        getOrder: async () => {
          throw notFound('order', orderId);
        },
      },
    });
  });
  after(() => gateway.stop());

  test('a body, its answer, and values of JSON that are not plain', async () => {
    const body = { email: 'ada@example.com', password: 'correct horse', display_name: 'Ada', locale: 'en-GB' };
    const { status, json } = await gateway.send('POST', '/api/v2/users:register', { body, login: false });
    assert.equal(status, 200);
    assert.deepEqual(seen.at(-1), {
      email: 'ada@example.com',
      password: 'correct horse',
      displayName: 'Ada',
      locale: 'en-GB',
    });
    assert.deepEqual(json, { user: { userId, email: 'ada@example.com', createTime: '2026-01-31T12:00:00.250Z' } });
  });

  test('the path, the query and the caller reach the service, and the request id comes back', async () => {
    const path = '/api/v2/users/me?readMask=displayName,locale';
    const { status, headers, json } = await gateway.send('GET', path, { headers: { 'x-request-id': 'req-7' } });
    assert.equal(status, 200);
    assert.deepEqual(seen.at(-1), {
      userId: 'me',
      readMask: { paths: ['display_name', 'locale'] },
      caller: userId,
      requestId: 'req-7',
    });
    assert.equal(headers.get('x-request-id'), 'req-7');
    assert.deepEqual(json.user, { userId, displayName: 'Ada', roles: ['customer'] });
  });

  test('a body that is one field, with the rest in path and query', async () => {
    const body = { displayName: 'Ada M.' };
    const { status } = await gateway.send('PATCH', '/api/v2/users/me?updateMask=display_name', { body });
    assert.equal(status, 200);
    const {
      userId: id,
      user,
      updateMask,
    } = seen.at(-1) as { userId: string; user: { displayName: string }; updateMask: object };
    assert.deepEqual([id, user.displayName, updateMask], ['me', 'Ada M.', { paths: ['display_name'] }]);
  });

  test('a custom verb after a captured segment; 64-bit integers are text', async () => {
    const { status, json } = await gateway.send('POST', `/api/v2/orders/${orderId}:cancel`, {
      body: { reason: 'too many' },
    });
    assert.equal(status, 200);
    assert.equal((seen.at(-1) as { orderId: string }).orderId, orderId);
    assert.equal(json.order.total.units, '1999');
    assert.equal(json.order.status, 'ORDER_STATUS_CANCELLED');
  });

  test('repeated and numeric query parameters', async () => {
    const statuses = 'statuses=ORDER_STATUS_DELIVERED&statuses=ORDER_STATUS_CANCELLED';
    const { status } = await gateway.send('GET', `/api/v2/orders?pageSize=5&${statuses}`);
    assert.equal(status, 200);
    const { pageSize, statuses: got } = seen.at(-1) as { pageSize: number; statuses: string[] };
    assert.deepEqual([pageSize, got], [5, ['ORDER_STATUS_DELIVERED', 'ORDER_STATUS_CANCELLED']]);
  });

  test("a service's error keeps its code, message and details", async () => {
    const { status, json } = await gateway.send('GET', `/api/v2/orders/${orderId}`, {
      headers: { 'x-request-id': 'req-8' },
    });
    assert.equal(status, 404);
    assert.deepEqual(json, {
      error: {
        code: 404,
        status: 'NOT_FOUND',
        message: `there is no order ${orderId}`,
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'ORDER_NOT_FOUND',
            domain: 'fairlead',
            metadata: { ids: orderId },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.ResourceInfo',
            resourceType: 'order',
            resourceName: orderId,
          },
          { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'req-8' },
        ],
      },
    });
  });

  test('a service that is down is 503, and the gateway is alive', async () => {
    const { status, json } = await gateway.send('GET', '/api/v2/products', { login: false });
    assert.deepEqual([status, json.error.status], [503, 'UNAVAILABLE']);
    assert.equal((await gateway.send('GET', '/healthz', { login: false })).status, 200);
  });

  test('an API key is exchanged once a minute and opens what is open to partners', async () => {
    const headers = { 'x-api-key': 'fk_good_0123456789abcdef' };
    for (let round = 0; round < 3; round += 1) {
      assert.equal((await gateway.send('GET', '/api/v2/orders', { headers, login: false })).status, 200);
    }
    assert.equal(exchanges, 1);
    const refused = await gateway.send('PATCH', '/api/v2/users/me', {
      headers,
      login: false,
      body: { displayName: 'x' },
    });
    assert.deepEqual([refused.status, refused.json.error.details[0].reason], [403, 'API_KEY_REFUSED']);
  });

  test('a wrong API key is refused, and so are two credentials at once', async () => {
    for (const key of ['fk_bad_0123456789abcdef', 'short', 'with a space 0123456789']) {
      const { status } = await gateway.send('GET', '/api/v2/orders', { headers: { 'x-api-key': key }, login: false });
      assert.equal(status, 401, key);
    }
    const both = await gateway.send('GET', '/api/v2/orders', { headers: { 'x-api-key': 'fk_good_0123456789abcdef' } });
    assert.deepEqual([both.status, both.json.error.details[0].reason], [401, 'CREDENTIAL_AMBIGUOUS']);
    assert.doesNotMatch(gateway.lines.join(''), /fk_(good|bad)/);
  });

  test('the key set of access tokens is passed through', async () => {
    const { json } = await gateway.send('GET', '/.well-known/jwks.json', { login: false });
    assert.deepEqual(json, { keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'abc', alg: 'EdDSA', use: 'sig' }] });
  });

  test('internal methods have no path', async () => {
    for (const path of [
      '/fairlead.user.v1.UserService/ValidateToken',
      '/api/v2/payments',
      '/api/v2/users:exchangeApiKey',
    ]) {
      const { status, json } = await gateway.send('POST', path, { body: {} });
      assert.deepEqual([status, json.error.details[0].reason], [404, 'NO_SUCH_PATH'], path);
    }
  });

  test('health, registry, numbers and metrics', async () => {
    const health = await gateway.send('GET', '/api/v2/health/grpc', { login: false });
    assert.equal(health.status, 503);
    assert.deepEqual(health.json.services, {
      user: 'SERVING',
      catalog: 'UNREACHABLE',
      order: 'SERVING',
      'order-query': 'SERVING',
      recommendation: 'UNREACHABLE',
      notification: 'UNREACHABLE',
      realtime: 'UNREACHABLE',
    });
    const { json: registry } = await gateway.send('GET', '/api/v2/services/registry', { login: false });
    const payment = registry.services.find(({ name }: { name: string }) => name === 'payment');
    assert.equal(registry.source, 'dns');
    assert.deepEqual(payment.versions, ['v1', 'v2']);
    assert.equal(payment.address, 'payment.fairlead.svc.cluster.local:50051');
    const { json: stats } = await gateway.send('GET', '/api/v2/services/stats', { login: false });
    const getUser = stats.services.user.methods.find(({ method }: { method: string }) => method === 'GetUser');
    assert.ok(getUser.calls >= 1 && getUser.p50 > 0 && getUser.p99 >= getUser.p50);
    const metrics = await gateway.send('GET', '/metrics', { login: false });
    assert.match(
      String(metrics.json),
      /http_server_request_duration_seconds_count\{[^}]*http_route="\/api\/v2\/users\/\{user_id\}"/,
    );
    assert.match(String(metrics.json), /rpc_client_call_duration_seconds_count\{[^}]*UserService\/GetUser/);
  });

  test('the OpenAPI document has every path with its bounds, and the page is there', async () => {
    const { json } = await gateway.send('GET', '/openapi.json', { login: false });
    assert.equal(json.openapi, '3.1.1');
    for (const path of [
      '/api/v2/users:register',
      '/api/v2/users/{user_id}/apiKeys',
      '/api/v2/products/{product_id}',
      '/api/v2/orders/{order_id}:watch',
      '/api/v2/notifications:stream',
      '/api/v2/users/{user_id}/dashboard',
      '/api/v2/mobile/checkout',
    ]) {
      assert.ok(path in json.paths, path);
    }
    const register = json.components.schemas['fairlead.user.v1.RegisterRequest'];
    assert.deepEqual([register.properties.password.minLength, register.properties.password.maxLength], [10, 128]);
    assert.equal(register.properties.email.format, 'email');
    const [pageSize] = json.paths['/api/v2/orders'].get.parameters.filter(
      ({ name }: { name: string }) => name === 'pageSize',
    );
    assert.deepEqual([pageSize.in, pageSize.schema.minimum, pageSize.schema.maximum], ['query', 0, 1000]);
    const references = JSON.stringify(json).matchAll(/"\$ref":"#\/components\/(schemas|responses)\/([^"]+)"/g);
    for (const [, kind = '', name = ''] of references) assert.ok(name in json.components[kind], name);
    const page = await gateway.send('GET', '/docs', { login: false });
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
    for (const file of ['/docs/page.js', '/docs/page.css']) {
      assert.equal((await gateway.send('GET', file, { login: false })).status, 200);
    }
    assert.doesNotMatch(String(page.json), /https?:\/\//, 'the page loads nothing from elsewhere');
  });
});

describe('views', () => {
  const order = { orderId, total: money, status: 'ORDER_STATUS_DELIVERED' } as const;
  const address = { recipient: 'Ada', lines: ['1 Quay'], city: 'Bristol', postalCode: 'BS1', countryCode: 'GB' };
  const basket = {
    items: [{ productId: orderId, quantity: 1 }],
    shippingAddress: address,
    paymentToken: 'tok_approve',
  };
  let gateway: TestGateway;

  before(async () => {
    gateway = await startGateway({
      user: {
        getUser: async ({ userId: id }, context) => {
          if (id !== 'me' && id !== '' && id !== context.user().id)
            throw new RpcError('NOT_FOUND', 'there is no such user');
          return { user: { userId, displayName: 'Ada' } };
        },
      },
      order: {
        createOrder: async ({ paymentToken }) => {
          if (paymentToken === 'tok_decline') throw new RpcError('FAILED_PRECONDITION', 'the card was declined');
          return { order };
        },
      },
      'order-query': { listUserOrders: async () => ({ orders: [order] }) },
    });
  });
  after(() => gateway.stop());

  test('a part that fails is left out and named, the rest is served', async () => {
    for (const path of [`/api/v2/users/${userId}/dashboard`, '/api/v2/users/me/dashboard']) {
      const { status, json } = await gateway.send('GET', path);
      assert.equal(status, 200);
      assert.deepEqual(json, {
        user: { userId, displayName: 'Ada' },
        orders: [{ orderId, total: { currencyCode: 'EUR', units: '1999' }, status: 'ORDER_STATUS_DELIVERED' }],
        partial: ['recommendations'],
      });
    }
    const home = await gateway.send('GET', '/api/v2/mobile/home/me');
    assert.deepEqual(home.json.partial, ['recommendations', 'trending', 'notifications']);
  });

  test("another user's view does not exist, and nobody's needs a login", async () => {
    const other = '0190a0b0-0000-7000-8000-000000000002';
    for (const path of [`/api/v2/users/${other}/dashboard`, `/api/v2/mobile/home/${other}`]) {
      assert.equal((await gateway.send('GET', path)).status, 404);
      assert.equal((await gateway.send('GET', path, { login: false })).status, 401);
    }
  });

  test('checkout answers with the order, or with why there is none', async () => {
    const placed = await gateway.send('POST', '/api/v2/mobile/checkout', { body: basket });
    assert.equal(placed.status, 200);
    assert.deepEqual([placed.json.order.orderId, placed.json.partial], [orderId, ['recommendations']]);
    const declined = await gateway.send('POST', '/api/v2/mobile/checkout', {
      body: { ...basket, paymentToken: 'tok_decline' },
    });
    assert.deepEqual([declined.status, declined.json.error.status], [400, 'FAILED_PRECONDITION']);
    const unknown = await gateway.send('POST', '/api/v2/mobile/checkout', { body: { ...basket, coupon: 'x' } });
    assert.deepEqual([unknown.status, unknown.json.error.details[1].fieldViolations[0].field], [400, 'coupon']);
  });
});
