import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { calls, defineService } from '../../manifest.ts';
import { bindingsOf } from '../transcode/binding.ts';
import { openApiDocument } from './open-api-document.ts';

const manifest = defineService({
  name: 'edge',
  description: 'An edge for tests.',
  calls: {
    user: calls('fairlead.user.v1.UserService', ['Register', 'GetUser', 'ValidateToken', 'CreateApiKey']),
    order: calls('fairlead.order.v1.OrderService', ['CreateOrder']),
    'order-query': calls('fairlead.orderquery.v1.OrderQueryService', ['WatchOrder', 'ListUserOrders']),
  },
});
const document = openApiDocument({
  title: 'Test',
  description: 'A test.',
  version: 'v1',
  bindings: bindingsOf(manifest.calls),
  views: [],
});
const { paths, components } = JSON.parse(JSON.stringify(document));

const ajv = new Ajv2020({
  strict: false,
  formats: { email: /@/, uuid: /^[0-9a-f-]{36}$/i, password: true, int32: true, int64: true, 'date-time': true },
});
ajv.addSchema({ $id: 'document', components });
const accepts = (name: string, value: unknown): boolean =>
  ajv.validate({ $ref: `document#/components/schemas/${name}` }, value) === true;

test('every schema is a JSON Schema whose references lead somewhere', () => {
  for (const name of Object.keys(components.schemas)) {
    assert.doesNotThrow(() => ajv.compile({ $ref: `document#/components/schemas/${name}` }), name);
  }
});

test("the contract's rules bound what a request may be", () => {
  const register = { email: 'a@example.com', password: 'correct horse', displayName: 'Ada' };
  const name = 'fairlead.user.v1.RegisterRequest';
  assert.ok(accepts(name, register));
  assert.ok(!accepts(name, { ...register, password: 'short' }));
  assert.ok(!accepts(name, { ...register, email: 'nobody' }));
  assert.ok(!accepts(name, { ...register, admin: true }));
  assert.ok(!accepts(name, { email: register.email }));
  const address = { recipient: 'Ada', lines: ['1 Quay'], city: 'Bristol', postalCode: 'BS1', countryCode: 'GB' };
  const items = [{ productId: '0190a0b0-0000-7000-8000-0000000000aa', quantity: 1 }];
  const order = { items, shippingAddress: address, paymentToken: 'tok_approve' };
  const create = 'fairlead.order.v1.CreateOrderRequest';
  assert.ok(accepts(create, order));
  assert.ok(!accepts(create, { ...order, items: [] }));
  assert.ok(!accepts(create, { ...order, items: [{ ...items[0], quantity: 0 }] }));
  assert.ok(!accepts(create, { ...order, paymentToken: '4242424242424242' }));
  assert.ok(!accepts(create, { items, paymentToken: 'tok_approve' }));
});

test('operations say what is in the path, in the query and in the body, and who may call them', () => {
  const watch = paths['/api/v2/orders/{order_id}:watch'].get;
  assert.deepEqual(
    watch.parameters.map((parameter: { name: string; in: string }) => `${parameter.in} ${parameter.name}`),
    ['path order_id', 'query afterSequence'],
  );
  assert.deepEqual(Object.keys(watch.responses[200].content), ['text/event-stream', 'application/x-ndjson']);
  assert.deepEqual(watch.security, [{ accessToken: [] }, { apiKey: [] }]);
  assert.deepEqual(paths['/api/v2/users:register'].post.security, [{}, { accessToken: [] }, { apiKey: [] }]);
  const keys = paths['/api/v2/users/{user_id}/apiKeys'].post;
  assert.deepEqual(keys.security, [{ accessToken: [] }], 'takes a person');
  assert.match(keys.description, /\w/);
  const list = paths['/api/v2/orders'].get.parameters.find(({ name }: { name: string }) => name === 'statuses');
  assert.deepEqual([list.in, list.schema.type, list.schema.maxItems], ['query', 'array', 10]);
});

test('internal methods and their messages are not in it', () => {
  assert.doesNotMatch(JSON.stringify(document), /ValidateToken/);
});
