import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captured, parsePathTemplate } from './path-template.ts';

test('templates become routes', () => {
  for (const [template, route, openApi] of [
    ['/api/v2/products', '/api/v2/products', '/api/v2/products'],
    ['/api/v2/users:login', '/api/v2/users::login', '/api/v2/users:login'],
    ['/api/v2/orders/{order_id}', '/api/v2/orders/:p0', '/api/v2/orders/{order_id}'],
    ['/api/v2/orders/{order_id}:cancel', '/api/v2/orders/:p0([^/:]+)::cancel', '/api/v2/orders/{order_id}:cancel'],
    ['/v1/users/{user.id}/keys/{key_id}', '/v1/users/:p0/keys/:p1', '/v1/users/{user.id}/keys/{key_id}'],
    ['/v1/{name=shelves/*/books/*}', '/v1/shelves/:p0/books/:p1', '/v1/{name}'],
    ['/v1/files/{name=**}', '/v1/files/*', '/v1/files/{name}'],
    ['/v1/*/things', '/v1/:p0/things', '/v1/*/things'],
  ]) {
    const parsed = parsePathTemplate(template ?? '');
    assert.deepEqual([parsed.route, parsed.openApi], [route, openApi], template);
  }
});

test('captured segments are put together again', () => {
  const [name] = parsePathTemplate('/v1/{name=shelves/*/books/*}').captures;
  assert.ok(name);
  assert.equal(captured(name, { p0: '7', p1: 'dune' }), 'shelves/7/books/dune');
  const [file] = parsePathTemplate('/v1/files/{name=**}').captures;
  assert.ok(file);
  assert.equal(captured(file, { '*': 'a/b/c' }), 'a/b/c');
});

test('what breaks the grammar is refused', () => {
  for (const template of [
    '',
    'v1/x',
    '/v1/{name',
    '/v1/name}',
    '/v1//x',
    '/v1/{a=**}/x',
    '/v1/{a=**}:verb',
    '/v1/{=x}',
    '/v1/x*',
  ]) {
    assert.throws(() => parsePathTemplate(template), TypeError, template);
  }
});
