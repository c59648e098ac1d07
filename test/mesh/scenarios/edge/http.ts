// HTTP/1.1 from outside: which fields the gateway writes, keeps and drops, what it refuses, and how bodies travel.
import type { Request, RequestStep, Scenario, Verdict } from '../../scenario.ts';
import { edge, toWeb, web } from './edge-rules.ts';

const scenario = edge('edge HTTP');
const ok: Verdict = { codes: { 200: 1 } };
const step = (request: Request, expect: Verdict): RequestStep => ({ request, expect });
const refused = (status: number): Verdict => ({ codes: { [status]: 1 }, reached: { server: 0 } });
/** Nobody knows where the next request would begin. */
const ended: Verdict = { ...refused(400), responseHeaders: { connection: 'close' } };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ADDRESS = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;
/** A retry would hide what a service's connection did. */
const once = `- retries: { attempts: 0 }\n  route: [${web('v1')}]`;

export const EDGE_HTTP: readonly Scenario[] = [
  scenario('fields that the gateway writes', toWeb, [
    step(
      {},
      {
        ...ok,
        headers: {
          ':method': 'GET',
          ':path': '/',
          host: /\.parity\.test$/,
          'x-forwarded-for': ADDRESS,
          'x-forwarded-proto': 'http',
          'x-request-id': UUID,
          'x-envoy-attempt-count': '1',
          'x-envoy-external-address': ADDRESS,
          'x-envoy-internal': null,
          'x-envoy-decorator-operation': null,
          'content-length': null,
          'transfer-encoding': null,
          via: null,
        },
      },
    ),
  ]),
  scenario('what a client says of itself, and of the mesh, is not believed', toWeb, [
    step(
      { headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-request-id': 'mine' } },
      {
        ...ok,
        headers: {
          'x-forwarded-for': /^203\.0\.113\.7,[0-9.]+$/,
          'x-forwarded-proto': 'http',
          'x-request-id': UUID,
        },
      },
    ),
    step(
      {
        headers: {
          'x-envoy-internal': 'true',
          'x-envoy-external-address': '203.0.113.7',
          'x-envoy-decorator-operation': 'mine',
          'x-envoy-attempt-count': '7',
          'x-envoy-expected-rq-timeout-ms': '5',
          'x-envoy-original-path': '/secret',
          'x-forwarded-host': 'evil.test',
          'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/x/sa/admin',
        },
      },
      {
        ...ok,
        headers: {
          'x-envoy-internal': null,
          'x-envoy-external-address': /^(?:10|127)\./,
          'x-envoy-decorator-operation': null,
          'x-envoy-attempt-count': '1',
          'x-envoy-expected-rq-timeout-ms': null,
          'x-envoy-original-path': null,
          'x-forwarded-host': 'evil.test',
          'x-forwarded-client-cert': /^By=.*\/sa\/istio-ingressgateway$/,
        },
      },
    ),
  ]),
  scenario('a request id of the client', toWeb, [
    step({ headers: { 'x-request-id': 'mine' } }, { ...ok, headers: { 'x-request-id': UUID } }),
  ]),
  scenario('fields of an answer', toWeb, [
    step(
      {
        order: {
          fields: {
            server: 'mine',
            'x-powered-by': 'node',
            'x-envoy-mine': '1',
            'x-request-id': 'answer',
          },
        },
      },
      {
        ...ok,
        responseHeaders: {
          server: 'istio-envoy',
          'x-powered-by': 'node',
          'x-envoy-upstream-service-time': /^[0-9]+$/,
          'x-envoy-decorator-operation': null,
          'x-envoy-mine': '1',
          'x-request-id': 'answer',
          date: /GMT$/,
        },
      },
    ),
    step(
      { host: 'nobody.parity.test' },
      {
        codes: { 404: 1 },
        responseHeaders: {
          server: 'istio-envoy',
          date: /GMT$/,
          'x-envoy-upstream-service-time': null,
        },
      },
    ),
  ]),
  scenario('fields of the hop go no further', toWeb, [
    step(
      {
        headers: {
          Connection: 'keep-alive, X-Hop',
          'X-Hop': '1',
          'Keep-Alive': 'timeout=5',
          'Proxy-Connection': 'keep-alive',
          TE: 'trailers, deflate',
        },
      },
      {
        ...ok,
        headers: { 'keep-alive': null, 'proxy-connection': null, 'x-hop': null, te: 'trailers' },
      },
    ),
    step({ headers: { Connection: 'close' } }, { ...ok, responseHeaders: { connection: 'close' } }),
  ]),
  scenario("a field of the client's that has a name like Envoy's", toWeb, [
    step({ headers: { 'x-envoy-mine': 'mine' } }, { ...ok, headers: { 'x-envoy-mine': 'mine' } }),
  ]),
  scenario('fields that Connection names', toWeb, [
    step({ headers: { Connection: 'X-Hop', 'X-Hop': '1' } }, { ...ok, headers: { 'x-hop': null } }),
    step({ headers: { Connection: 'X-Forwarded-For' } }, refused(400)),
    step({ headers: { Connection: 'x-forwarded-host' } }, refused(400)),
    step({ headers: { Connection: 'X-Forwarded-Proto' } }, refused(400)),
    step(
      { headers: { Connection: 'X-Request-Id, Authorization', Authorization: 'a' } },
      {
        ...ok,
        headers: { authorization: null, 'x-request-id': UUID },
      },
    ),
    step({ headers: { TE: 'trailers' } }, { ...ok, headers: { te: 'trailers' } }),
    step({ headers: { Connection: 'TE', TE: 'trailers, gzip' } }, { ...ok, headers: { te: 'trailers' } }),
    step({ headers: { TE: 'gzip' } }, { ...ok, headers: { te: null } }),
  ]),
  scenario('Connection names the fields that say where a request goes and ends', toWeb, [
    step({ headers: { Connection: 'Host' } }, refused(400)),
    step({ method: 'POST', headers: { Connection: 'Content-Length' }, body: 'hello' }, { ...ok, received: 5 }),
  ]),
  scenario("a field that the service's Connection names", toWeb, [
    step(
      { order: { fields: { connection: 'x-of-hop', 'x-of-hop': '1' } } },
      { ...ok, responseHeaders: { 'x-of-hop': '1' } },
    ),
  ]),
  scenario('other protocols that a client asks for', toWeb, [
    step({ headers: { Connection: 'Upgrade', Upgrade: 'foo' } }, refused(403)),
    step({ headers: { Upgrade: 'foo' } }, { ...ok, headers: { upgrade: null } }),
    step({ method: 'POST', headers: { Connection: 'Upgrade', Upgrade: 'foo', 'Content-Length': '0' } }, refused(403)),
    step(
      { headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' } },
      { ...ok, headers: { upgrade: null, 'http2-settings': null } },
    ),
  ]),
  scenario('a target in absolute form wins over Host', toWeb, [
    step(
      { target: 'http://SERVER.parity.test/a?b', host: 'other.test' },
      { ...ok, headers: { host: /\.parity\.test$/, ':path': '/a?b' } },
    ),
    step({ target: 'http://other.test/', host: 'SERVER.parity.test' }, refused(404)),
    step({ target: 'http://SERVER.parity.test', host: 'SERVER.parity.test' }, { ...ok, headers: { ':path': '/' } }),
  ]),
  scenario('a request that can be read in two ways', toWeb, [
    step({ host: null }, ended),
    step({ method: 'POST', headers: { 'Content-Length': ['5', '6'] }, body: 'hello!' }, ended),
    step({ method: 'POST', headers: { 'Content-Length': ['5', '5'] }, body: 'hello' }, ended),
    step({ method: 'POST', headers: { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, body: 'hello' }, ended),
    step({ method: 'POST', headers: { 'Transfer-Encoding': 'gzip, chunked' }, body: 'hello' }, refused(501)),
    step({ target: '/%00' }, refused(400)),
  ]),
  scenario('two Hosts, and an empty one', toWeb, [
    step({ headers: { Host: 'other.test' } }, refused(404)),
    step({ host: '' }, refused(404)),
  ]),
  scenario('a fragment', toWeb, [step({ target: '/a#b' }, { ...ok, headers: { ':path': '/a' } })]),
  scenario('targets that are no path', toWeb, [
    step({ method: 'OPTIONS', target: '*' }, refused(404)),
    step({ target: 'a/b' }, refused(400)),
    step({ target: 'ftp://SERVER.parity.test/' }, refused(400)),
  ]),
  scenario('too many fields, and too large ones', toWeb, [
    step({ headers: { 'x-large': 'x'.repeat(50_000) } }, ok),
    step({ headers: { 'x-large': 'x'.repeat(70_000) } }, refused(431)),
    step({ target: `/${'a'.repeat(70_000)}` }, refused(431)),
    step({ headers: Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`x-${index}`, '1'])) }, ok),
    step({ headers: Object.fromEntries(Array.from({ length: 110 }, (_, index) => [`x-${index}`, '1'])) }, refused(431)),
  ]),
  scenario('a field that stands several times', toWeb, [
    step(
      { headers: { 'x-several': ['a', 'b'], cookie: ['a=1', 'b=2'] } },
      {
        ...ok,
        headers: { 'x-several': /^a, ?b$/, cookie: /^a=1; ?b=2$/ },
      },
    ),
    step(
      { headers: { 'x-blanks': '  a  b  ', 'x-empty': '' } },
      {
        ...ok,
        headers: { 'x-blanks': 'a  b', 'x-empty': '' },
      },
    ),
    step({ headers: { x_under: 'a' } }, { ...ok, headers: { x_under: 'a' } }),
  ]),
  scenario('a body with its length, and in chunks', toWeb, [
    step(
      { method: 'POST', body: 'hello' },
      { ...ok, received: 5, headers: { 'content-length': '5', 'transfer-encoding': null } },
    ),
    step(
      { method: 'PUT', body: ['one', 'two', 'three'] },
      { ...ok, received: 11, headers: { 'content-length': null, 'transfer-encoding': 'chunked' } },
    ),
    step({ method: 'POST' }, { ...ok, received: 0, headers: { 'content-length': '0', 'transfer-encoding': null } }),
    step({ method: 'GET', body: 'hello' }, { ...ok, received: 5 }),
    step({ method: 'DELETE' }, { ...ok, headers: { 'content-length': null, 'transfer-encoding': null } }),
  ]),
  scenario('large bodies pass whole, both ways', toWeb, [
    step({ method: 'POST', body: 'x'.repeat(1_500_000) }, { ...ok, received: 1_500_000 }),
    step({ order: { size: 2_000_000 } }, ok),
  ]),
  scenario('a body goes up while the answer comes down', toWeb, [
    step({ method: 'POST', body: ['a', 'b', 'c', 'd'], order: { echo: true } }, { ...ok, messages: 4 }),
  ]),
  scenario('a client that asks before it sends its body', toWeb, [
    step(
      { method: 'POST', headers: { Expect: '100-continue', 'Content-Length': '5' }, body: 'hello' },
      { ...ok, received: 5, continued: true, belowMs: 2500, headers: { expect: '100-continue' } },
    ),
    step(
      {
        method: 'POST',
        headers: { Expect: '100-continue', 'Content-Length': '5' },
        body: 'hello',
        order: { code: 413 },
      },
      { codes: { 413: 1 }, instances: { 'server-v1': 1 }, continued: false, belowMs: 2500 },
    ),
  ]),
  scenario('answers without a body', toWeb, [
    step(
      { method: 'HEAD', order: { size: 1000 } },
      { ...ok, responseHeaders: { 'content-type': 'application/json' }, body: '' },
    ),
    step({ order: { code: 204 } }, { codes: { 204: 1 }, instances: { 'server-v1': 1 } }),
    step({ order: { code: 304 } }, { codes: { 304: 1 }, instances: { 'server-v1': 1 } }),
    step({ method: 'OPTIONS' }, { ...ok, instances: { 'server-v1': 1 } }),
    step({ method: 'PATCH', body: '{}' }, { ...ok, headers: { ':method': 'PATCH' } }),
  ]),
  scenario('events come one by one', once, [
    step({ order: { messages: 5, delayMs: 100 } }, { ...ok, messages: 5, atLeastMs: 390 }),
  ]),
  scenario('a client that goes away takes the request with it', once, [
    step(
      { order: { delayMs: 8000 }, cancelAfterMs: 500 },
      {
        codes: { 0: 1 },
        reached: { server: 1 },
        cancelled: { server: 1 },
      },
    ),
    step(
      { order: { messages: 200, delayMs: 50 }, cancelAfterMs: 500 },
      {
        codes: { 0: 1 },
        messages: [1, 10],
        reached: { server: 1 },
        cancelled: { server: 1 },
      },
    ),
  ]),
  scenario('a WebSocket', toWeb, [
    step(
      { headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'x' }, body: ['a', 'b', 'c'] },
      { codes: { 101: 1 }, instances: { 'server-v1': 1 }, messages: 3, responseHeaders: { upgrade: 'websocket' } },
    ),
    step(
      { headers: { Connection: 'Upgrade', Upgrade: 'websocket' }, order: { code: 403 } },
      { codes: { 403: 1 }, instances: { 'server-v1': 1 } },
    ),
  ]),
  scenario(
    'what the service is told of a rewrite and of a timeout',
    `- match: [{ uri: { prefix: /old/ } }]\n  rewrite: { uri: /new/, authority: inner.test }\n  timeout: 2s\n  route: [${web('v1')}]`,
    [
      step(
        { target: '/old/a?b=c' },
        {
          ...ok,
          headers: {
            ':path': '/new/a?b=c',
            'x-envoy-original-path': '/old/a?b=c',
            'x-envoy-original-host': /\.parity\.test$/,
            'x-forwarded-host': null,
            'x-envoy-expected-rq-timeout-ms': null,
            'x-forwarded-port': null,
          },
        },
      ),
    ],
  ),
  scenario('hosts in other spellings', toWeb, [
    step({ host: 'SERVER.parity.test.' }, refused(404)),
    step({ host: 'SERVER.parity.test:80' }, ok),
    step({ host: '[::1]' }, refused(404)),
  ]),
  scenario('methods that are seldom', toWeb, [
    step({ method: 'TRACE' }, { ...ok, headers: { ':method': 'TRACE' } }),
    step({ method: 'PROPFIND' }, { ...ok, headers: { ':method': 'PROPFIND' } }),
    step({ method: 'QUERY', headers: { 'Content-Length': '2' }, body: '{}' }, refused(400)),
  ]),
  scenario('values that are no ASCII, and lengths of answers', toWeb, [
    step({ headers: { 'x-name': 'caf\u00e9' } }, { ...ok, headers: { 'x-name': /^caf/ } }),
    step(
      { method: 'HEAD', order: { fields: { 'content-length': '12' } } },
      { ...ok, responseHeaders: { 'content-length': '12' } },
    ),
    step({ order: { code: 304, fields: { etag: '"a"' } } }, { codes: { 304: 1 }, responseHeaders: { etag: '"a"' } }),
    step({ order: { code: 599 } }, { codes: { 599: 1 }, instances: { 'server-v1': 1 } }),
  ]),
  scenario('a hundred requests, ten at once', toWeb, [
    step({ times: 100, atOnce: 10 }, { codes: { 200: 100 }, reached: { server: 100 } }),
  ]),
];
