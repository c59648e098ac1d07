import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { openPage } from '#kit';
import { systemClock } from '#kit/clock/system-clock.ts';
import { generateSigningKey } from '#kit/identity/tokens/token-issuer.ts';
import { type Answer, startGateway, type TestGateway, userId } from './gateway.fixture.ts';

const orderId = '0190a0b0-0000-7000-8000-0000000000aa';
const address = { recipient: 'Ada', lines: ['1 Quay'], city: 'Bristol', postalCode: 'BS1', countryCode: 'GB' };
const basket = { items: [{ productId: orderId, quantity: 1 }], shippingAddress: address, paymentToken: 'tok_approve' };

let gateway: TestGateway;
/** Calls that came through to a service. */
let calls = 0;

before(async () => {
  const count = async (): Promise<object> => {
    calls += 1;
    return {};
  };
  gateway = await startGateway({
    user: { register: count, login: count, getUser: count, updateUser: count, createApiKey: count },
    order: { createOrder: count, cancelOrder: count },
    'order-query': {
      listUserOrders: async (request, context) => {
        const page = openPage(context, request);
        calls += 1;
        const { nextPageToken } = page.close(Array(page.limit).fill(orderId), (id: string) => [id]);
        return { nextPageToken };
      },
      getOrder: count,
    },
  });
});
after(() => gateway.stop());

function violation({ json }: Answer): { field: string; description: string } {
  const bad = json.error.details.find(({ '@type': type }: { '@type': string }) => type.endsWith('BadRequest'));
  return bad?.fieldViolations[0] ?? { field: '(none)', description: '' };
}

function reason({ json }: Answer): string {
  return json.error.details.find(({ '@type': type }: { '@type': string }) => type.endsWith('ErrorInfo'))?.reason;
}

async function refused(status: number, request: Promise<Answer>): Promise<Answer> {
  const before = calls;
  const answer = await request;
  assert.equal(answer.status, status, JSON.stringify(answer.json));
  assert.equal(answer.json.error.code, status);
  assert.equal(calls, before, 'the service was not asked');
  return answer;
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

describe('bodies', () => {
  const post = (body: unknown, headers = {}) => gateway.send('POST', '/api/v2/orders', { body, headers });

  test('what is not JSON is refused with the place', async () => {
    for (const body of ['{', '{"items":[}', '{"a":1} x', "{'a':1}", 'NaN', '\ufeff{}{}']) {
      assert.equal(reason(await refused(400, post(body))), 'MALFORMED_JSON', body);
    }
  });

  test('JSON that is not an object is refused', async () => {
    for (const body of ['[]', 'null', '"text"', '7', 'true']) await refused(400, post(body));
  });

  test('text that is not UTF-8 is refused', async () => {
    const token = await gateway.token();
    const head = `POST /api/v2/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n`;
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const body = Buffer.concat([Buffer.from('{"paymentToken":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    socket.write(`${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.write(body);
    let text = '';
    for await (const chunk of socket) text += chunk;
    assert.match(text, /^HTTP\/1.1 400 /);
    assert.match(text, /MALFORMED_JSON/);
  });

  test('unknown fields are named, at any depth, also those that every object inherits', async () => {
    for (const [body, field] of [
      [{ ...basket, coupon: 'X' }, 'coupon'],
      [{ ...basket, items: [{ productId: orderId, quantity: 1, price: 1 }] }, 'items[0].price'],
      [{ ...basket, shippingAddress: { ...address, planet: 'Earth' } }, 'shipping_address.planet'],
      [`{"__proto__": {"admin": true}}`, '__proto__'],
      [`{"constructor": 1}`, 'constructor'],
      [{ toString: 1 }, 'toString'],
    ] as const) {
      assert.equal(violation(await refused(400, post(body))).field, field);
    }
  });

  test('wrong types are named with what was expected', async () => {
    const item = (quantity: unknown) => ({ ...basket, items: [{ productId: orderId, quantity }] });
    for (const [body, field] of [
      [item('one'), 'items[0].quantity'],
      [item(1.5), 'items[0].quantity'],
      [item(2 ** 31), 'items[0].quantity'],
      [item(true), 'items[0].quantity'],
      [item({}), 'items[0].quantity'],
      [{ ...basket, items: {} }, 'items'],
      [{ ...basket, items: [null] }, 'items[0]'],
      [{ ...basket, shippingAddress: 'here' }, 'shipping_address'],
      [{ ...basket, paymentToken: 7 }, 'payment_token'],
    ] as const) {
      const { field: named, description } = violation(await refused(400, post(body)));
      assert.ok(named.startsWith(field) || named === field.replace(/\[.*/, ''), `${named} for ${field}`);
      assert.notEqual(description, '');
    }
    const when = await refused(
      400,
      gateway.send('POST', '/api/v2/users/me/apiKeys', { body: { expireTime: 'tomorrow' } }),
    );
    assert.equal(violation(when).field, 'expire_time');
  });

  test('values that break a rule of the contract are refused by the service', async () => {
    for (const quantity of [0, -1]) {
      const answer = await refused(400, post({ ...basket, items: [{ productId: orderId, quantity }] }));
      assert.equal(violation(answer).field, 'items[0].quantity');
    }
    assert.equal(
      violation(await refused(400, post({ ...basket, paymentToken: '4242424242424242' }))).field,
      'payment_token',
    );
  });

  test('an over-long body is refused without being read to its end', async () => {
    const answer = await refused(413, post({ ...basket, paymentToken: 'x'.repeat(1024 * 1024) }));
    assert.equal(reason(answer), 'BODY_TOO_LONG');
  });

  test('deep nesting and many fields do not hurt', async () => {
    await refused(400, post(`{"items":${'['.repeat(200_000)}${']'.repeat(200_000)}}`));
    await refused(400, post(`{${Array.from({ length: 20_000 }, (_, index) => `"f${index}":1`).join(',')}}`));
  });

  test('another content type is refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/grpc', 'application/json2']) {
      await refused(415, post('{}', { 'content-type': type }));
    }
  });

  test('a field that the path gives cannot be contradicted by the body', async () => {
    const body = { orderId: '0190a0b0-0000-7000-8000-0000000000bb', reason: 'x' };
    const answer = await refused(400, gateway.send('POST', `/api/v2/orders/${orderId}:cancel`, { body }));
    assert.equal(violation(answer).field, 'order_id');
  });
});

describe('paths and queries', () => {
  test('unknown, repeated and nested parameters that do not fit are named', async () => {
    for (const [query, field] of [
      ['color=red', 'color'],
      ['pageSize=5&pageSize=6', 'page_size'],
      ['pageSize=many', 'page_size'],
      ['pageSize=99999999999', 'page_size'],
      ['pageSize.x=1', 'page_size.x'],
      ['statuses=LOST', 'statuses[0]'],
      ['__proto__=1', '__proto__'],
      ['constructor.prototype.x=1', 'constructor'],
    ] as const) {
      assert.equal(violation(await refused(400, gateway.send('GET', `/api/v2/orders?${query}`))).field, field);
    }
    await refused(400, gateway.send('GET', '/api/v2/users/me?readMask.paths=email'));
    await refused(400, gateway.send('POST', '/api/v2/orders?pageSize=1', { body: basket }));
    await refused(400, gateway.send('GET', `/api/v2/orders?${'statuses=ORDER_STATUS_FAILED&'.repeat(300)}`));
  });

  test('an id that is none is refused by the contract', async () => {
    for (const id of ['1', '..%2Fusers%2Fme', "'%20OR%201=1--", '%00', 'x'.repeat(400)]) {
      await refused(400, gateway.send('GET', `/api/v2/orders/${id}`));
    }
  });

  test('a path that is there refuses other methods with 405 and says which it takes', async () => {
    const rows: readonly (readonly [method: string, path: string, allow: string])[] = [
      ['DELETE', '/api/v2/orders', 'GET, POST'],
      ['POST', `/api/v2/orders/${orderId}`, 'GET'],
      ['GET', `/api/v2/orders/${orderId}:cancel`, 'POST'],
      ['PUT', '/api/v2/users/me', 'GET, PATCH'],
      ['POST', '/readyz', 'GET, HEAD'],
      ['POST', '/openapi.json', 'GET'],
    ];
    for (const [method, path, allow] of rows) {
      const answer = await refused(405, gateway.send(method, path, { login: false }));
      assert.deepEqual([answer.headers.get('allow'), reason(answer)], [allow, 'METHOD_NOT_ALLOWED'], path);
    }
    await refused(404, gateway.send('DELETE', '/api/v2/nothing'));
  });

  test('broken URLs and unknown paths do not reach a service', async () => {
    await refused(400, gateway.send('GET', '/api/v2/orders/%zz'));
    await refused(400, gateway.send('GET', '/api/v2/orders/'));
    await refused(414, gateway.send('GET', `/api/v2/orders/${'x'.repeat(600)}`));
  });
});

test('a page token that was tampered with, or is none, is refused', async () => {
  const list = (token: string) =>
    gateway.send('GET', `/api/v2/orders?pageSize=2&pageToken=${encodeURIComponent(token)}`);
  const { nextPageToken } = (await list('')).json;
  assert.equal((await list(nextPageToken)).status, 200);
  const middle = Math.floor(nextPageToken.length / 2);
  const flipped = nextPageToken[middle] === 'A' ? 'B' : 'A';
  for (const token of [
    nextPageToken.slice(0, middle) + flipped + nextPageToken.slice(middle + 1),
    nextPageToken.slice(4),
    `${nextPageToken}AAAA`,
    'x',
    '../../etc/passwd',
  ]) {
    const answer = await refused(400, list(token));
    assert.deepEqual([reason(answer), violation(answer).field], ['PAGE_TOKEN_INVALID', 'page_token'], token);
  }
});

describe('headers', () => {
  test('a flood of headers, in number or in length, is refused', async () => {
    for (const count of [101, 150]) {
      const many = Array.from({ length: count - 2 }, (_, index) => `x-flood-${index}: x\r\n`).join('');
      const answer = await raw(`GET /api/v2/orders HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${many}\r\n`);
      assert.match(answer, /^HTTP\/1.1 431 /, String(count));
    }
    const long = await raw(`GET /api/v2/orders HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(20_000)}\r\n\r\n`);
    assert.match(long, /^HTTP\/1.1 431 /);
    assert.match(long, /"HEADERS_TOO_LONG"/);
  });

  test('what is not HTTP, or means two things at once, is refused', async () => {
    assert.match(await raw('hello\r\n\r\n'), /^HTTP\/1.1 400 /);
    const smuggle =
      'POST /api/v2/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET';
    assert.match(await raw(smuggle), /^HTTP\/1.1 400 /);
    assert.match(await raw('GET / HTTP/1.1\r\nhost: x\r\nbad header: 1\r\n\r\n'), /^HTTP\/1.1 400 /);
  });

  test('a request id that could break a log is replaced', async () => {
    const { headers } = await gateway.send('GET', '/api/v2/orders', { headers: { 'x-request-id': 'a b"{}' } });
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  test('every answer carries the security headers and does not say what serves it', async () => {
    for (const answer of [await gateway.send('GET', '/api/v2/orders'), await gateway.send('GET', '/nowhere')]) {
      for (const name of ['content-security-policy', 'x-content-type-options', 'x-frame-options', 'cache-control']) {
        assert.ok(answer.headers.has(name), name);
      }
      assert.ok(!answer.headers.has('server') && !answer.headers.has('x-powered-by'));
    }
  });
});

describe('credentials', () => {
  const me = (authorization: string) =>
    gateway.send('GET', '/api/v2/users/me', { login: false, headers: { authorization } });

  test('without a token 401 says what is needed', async () => {
    const answer = await refused(401, gateway.send('GET', '/api/v2/users/me', { login: false }));
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    assert.equal(reason(answer), 'CREDENTIAL_MISSING');
  });

  test('forged and expired tokens are refused', async () => {
    const claims = { sub: userId, roles: ['admin'] };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = 4_000_000_000;
    const body = { ...claims, iss: 'https://fairlead.example/', aud: 'fairlead', exp };
    const wrong = async (options: Parameters<TestGateway['issuerWith']>[0]) =>
      (await (await gateway.issuerWith(options)).issue(claims, '10m')).token;
    const [head, , signature] = (await gateway.token()).split('.');
    const forged = {
      'alg none': `${part({ alg: 'none' })}.${part(body)}.`,
      'alg HS256': `${part({ alg: 'HS256', kid: gateway.tokens.keySet.keys[0]?.kid })}.${part(body)}.AAAA`,
      'another key': await wrong({ privateKeys: [generateSigningKey()] }),
      'another audience': await wrong({ audience: 'elsewhere' }),
      'another issuer': await wrong({ issuer: 'https://evil.example/' }),
      'another payload': `${head}.${part(body)}.${signature}`,
      'not a token': 'x',
    };
    for (const [name, token] of Object.entries(forged)) {
      assert.equal(reason(await refused(401, me(`Bearer ${token}`))), 'TOKEN_INVALID', name);
    }
    const yesterday = { now: () => new Date(Date.now() - 86_400_000), sleep: systemClock.sleep };
    const expired = await wrong({ clock: yesterday });
    assert.equal(reason(await refused(401, me(`Bearer ${expired}`))), 'TOKEN_EXPIRED');
    await refused(401, me('Basic YTpi'));
    await refused(401, me('Bearer'));
  });

  test('a token that is not valid is refused also where none is needed', async () => {
    const login = { email: 'a@example.com', password: 'correct horse' };
    const headers = { authorization: 'Bearer x' };
    await refused(401, gateway.send('POST', '/api/v2/users:login', { body: login, login: false, headers }));
  });

  test('a peer identity from outside is not believed', async () => {
    const headers = { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/fairlead/sa/order' };
    await refused(401, gateway.send('GET', '/api/v2/users/me', { login: false, headers }));
  });

  test('secrets of requests are in no log line', async () => {
    const token = await gateway.token();
    await gateway.send('POST', '/api/v2/users:login', { body: { email: 'x', password: 'hunter2' } });
    const lines = gateway.lines.join('');
    assert.doesNotMatch(lines, /hunter2/);
    assert.ok(!lines.includes(token.slice(0, 60)));
  });
});
