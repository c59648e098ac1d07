// What an attacker on this machine can try against the mesh. Everything is refused, and the mesh goes on working.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { connect, type HeaderList, type Http2Stream, headerValue } from '#transport';
import { CertificateAuthority, type WorkloadCertificate } from '../../../mesh/proxy/identity/certificate-authority.ts';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import type { EchoClient } from './echo-client.ts';
import { LiveMesh } from './live-mesh.ts';

const ALLOW = istio(
  'AuthorizationPolicy',
  'payment',
  'selector: { matchLabels: { app: payment } }\nrules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/checkout] } }] }]',
);
const DENY = istio(
  'AuthorizationPolicy',
  'no-other',
  'action: DENY\nselector: { matchLabels: { app: payment } }\nrules: [{ to: [{ operation: { paths: [/test.v1.Echo/Other] } }] }]',
);
const CHECKOUT = 'spiffe://cluster.local/ns/shop/sa/checkout';

let live: LiveMesh;
let client: EchoClient;
before(async () => {
  live = await LiveMesh.start({
    manifests: [
      ...PLATFORM,
      istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system'),
      ALLOW,
      DENY,
    ],
    workloads: [{ service: 'checkout' }, { service: 'payment' }, { service: 'catalog' }],
  });
  client = live.client('checkout-v1');
  assert.equal((await client.call()).code, 0);
});
after(() => live.close());
afterEach(async () => assert.equal((await client.call()).code, 0, 'the mesh works on'));

interface Answer {
  readonly headers?: HeaderList;
  readonly reset?: number;
  readonly failed?: string;
}

/** One raw request on a socket that somebody opened. */
function request(open: () => Promise<Socket>, headers: readonly string[]): Promise<Answer> {
  const raw = connect({ target: open, connectTimeout: 3000, maxHeaderListSize: 200_000 });
  return new Promise<Answer>((resolve) => {
    raw.dispatch({
      waiting: false,
      options: {},
      fail: (_code, message) => resolve({ failed: message }),
      attach(connection) {
        const stream: Http2Stream = connection.open({
          onHeaders: (_stream, list) => resolve({ headers: list }),
          onData: () => {},
          onTrailers: () => {},
          onReset: (_stream, code) => resolve({ reset: code }),
          onDrain: () => {},
          onStalled: () => {},
        });
        stream.sendHeaders(headers, false);
        stream.sendData(Buffer.from([0, 0, 0, 0, 0]), true);
      },
    });
  }).finally(() => raw.close());
}

const grpc = (authority: string, path = '/test.v1.Echo/Unary', ...more: string[]): string[] => [
  ...[':method', 'POST', ':scheme', 'http', ':path', path, ':authority', authority],
  ...['te', 'trailers', 'content-type', 'application/grpc', ...more],
];
const status = (answer: Answer): string =>
  headerValue(answer.headers ?? [], 'grpc-status') ?? `reset ${answer.reset} ${answer.failed ?? ''}`;

const inbound = () => live.workload('payment-v1').inbound as { readonly host: string; readonly port: number };

function tls(certificate: WorkloadCertificate | undefined): () => Promise<Socket> {
  return async () => {
    const socket = connectTls({
      ...inbound(),
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
    });
    await once(socket, 'secureConnect');
    return socket;
  };
}

/** Writes text to the tunnel listener; gives all that comes back. */
async function raw(text: string): Promise<string> {
  const socket = connectTcp(live.mesh.tunnelPort, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
    if (answer.includes(' 200 ')) socket.destroy();
  });
  await once(socket, 'close');
  return answer.split('\r\n')[0] ?? '';
}

function credentials(name: string): string {
  const url = new URL(live.workload(name).proxyUrl);
  return Buffer.from(`${decodeURIComponent(url.username)}:${url.password}`).toString('base64');
}

function tunnel(target: string): () => Promise<Socket> {
  return async () => {
    const socket = connectTcp(live.mesh.tunnelPort, '127.0.0.1');
    socket.write(
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Basic ${credentials('checkout-v1')}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (!answer.toString().startsWith('HTTP/1.1 200')) throw new Error(answer.toString());
    // The sidecar speaks first: its SETTINGS may come with the answer.
    socket.pause();
    socket.unshift(answer.subarray(answer.indexOf('\r\n\r\n') + 4));
    setImmediate(() => socket.resume());
    return socket;
  };
}

describe('past the sidecar', () => {
  it('a plaintext caller gets no answer at all', async () => {
    const socket = connectTcp(inbound());
    let octets = 0;
    socket.on('data', (chunk) => {
      octets += chunk.length;
    });
    socket.on('error', () => {});
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await once(socket, 'close');
    assert.equal(octets, 0);
  });
  it("the service's own socket lies where only its user can go", async () => {
    assert.equal((await stat(live.mesh.stateDir)).mode & 0o777, 0o700);
    assert.equal((await stat(join(live.mesh.stateDir, 'sockets'))).mode & 0o777, 0o700);
    assert.equal((await stat(live.mesh.controlSocket)).mode & 0o777, 0o600);
  });
  const callers: [name: string, certificate: () => Promise<WorkloadCertificate | undefined>][] = [
    ['without a certificate', async () => undefined],
    [
      'with a forged identity, of another authority',
      async () => (await CertificateAuthority.create({ trustDomain: 'cluster.local' })).issue(CHECKOUT),
    ],
    ['with an expired certificate', () => live.mesh.authority.issue(CHECKOUT, -1000)],
    ['of another trust domain', () => live.mesh.authority.issue('spiffe://evil.example/ns/shop/sa/checkout')],
    ['with a name that is no identity', () => live.mesh.authority.issue('https://cluster.local/ns/shop/sa/checkout')],
  ];
  for (const [name, certificate] of callers)
    it(`a caller ${name} does not get a stream`, async () => {
      const answer = await request(tls(await certificate()), grpc('payment:50051'));
      assert.equal(answer.headers, undefined);
    });
  it("a caller with another service's identity is denied by policy", async () => {
    const answer = await request(
      tls(await live.mesh.authority.issue('spiffe://cluster.local/ns/shop/sa/catalog')),
      grpc('payment:50051'),
    );
    assert.equal(status(answer), '7');
  });
  it('and one with the right identity gets in, so that the tests above mean something', async () => {
    const answer = await request(tls(await live.mesh.authority.issue(CHECKOUT)), grpc('payment:50051'));
    assert.equal(headerValue(answer.headers ?? [], ':status'), '200');
    assert.notEqual(status(answer), '7');
  });
});

describe('tunnels', () => {
  const target = 'payment.shop.svc.cluster.local:50051';
  const connectAs = (authorization: string, to = target, more = ''): string =>
    `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n${authorization}${more}\r\n`;
  const good = (): string => `Proxy-Authorization: Basic ${credentials('checkout-v1')}\r\n`;
  const basic = (text: string): string => `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`;
  const rows: [name: string, text: () => string, answer: RegExp][] = [
    ['with the right token', () => connectAs(good()), / 200 /],
    ['without a token', () => connectAs(''), / 407 /],
    ['with a wrong token', () => connectAs(basic('checkout-v1:wrong')), / 407 /],
    [
      "with another service's token under its own name",
      () => connectAs(basic(`checkout-v1:${new URL(live.workload('catalog-v1').proxyUrl).password}`)),
      / 407 /,
    ],
    ['of an unknown name', () => connectAs(basic('nobody:x')), / 407 /],
    ['with something that is no Basic', () => connectAs('Proxy-Authorization: Bearer abc\r\n'), / 407 /],
    [
      'with two Host headers',
      () => connectAs(good(), target, 'Host: catalog.shop.svc.cluster.local:50051\r\n'),
      / 400 /,
    ],
    [
      'with a Host that differs',
      () => `CONNECT ${target} HTTP/1.1\r\nHost: catalog.shop.svc.cluster.local:50051\r\n${good()}\r\n`,
      / 400 /,
    ],
    ['to no port', () => connectAs(good(), 'payment.shop.svc.cluster.local'), / 400 /],
    ['to a name with a path', () => connectAs(good(), 'payment/../catalog:50051'), / 400 /],
    ['to a name with a user', () => connectAs(good(), 'a@payment:50051'), / 400 /],
    ['to a port that is none', () => connectAs(good(), 'payment:99999'), / 400 /],
    ['with a header of 100 KB', () => connectAs(good(), target, `X: ${'a'.repeat(100_000)}\r\n`), /400|431|^$/],
    ['that is a GET', () => `GET http://payment/ HTTP/1.1\r\nHost: payment\r\n${good()}\r\n`, / 405 /],
    ['that is no HTTP', () => '\u0016\u0003\u0001 nonsense\r\n\r\n', / 400 /],
  ];
  for (const [name, text, answer] of rows)
    it(`a request ${name}: ${answer.source}`, async () => assert.match(await raw(text()), answer));

  it('smuggle no other authority than the one they were opened for', async () => {
    for (const authority of [
      'catalog.shop.svc.cluster.local:50051',
      'payment.shop.svc.cluster.local:1',
      'payment.shop.svc.cluster.local:50051,catalog',
      'catalog',
    ])
      assert.match(status(await request(tunnel(target), grpc(authority))), /^(7|13)$/, authority);
    const two = grpc(target, '/test.v1.Echo/Unary', 'host', 'catalog.shop.svc.cluster.local:50051');
    assert.equal(status(await request(tunnel(target), two)), '13');
  });
  it('carry the same service under its other names', async () => {
    const answer = await request(tunnel('payment:50051'), grpc('payment.shop.svc:50051'));
    assert.equal(headerValue(answer.headers ?? [], 'grpc-status') ?? '0', '0');
  });
  it('reach nothing that no manifest declares', async () => {
    for (const to of ['127.0.0.1:22', 'localhost:5432', 'example.com:443', '[::1]:80'])
      assert.equal(status(await request(tunnel(to), grpc(to))), '14', to);
  });
});

describe('requests', () => {
  const target = 'payment.shop.svc.cluster.local:50051';
  const send = (path: string, ...more: string[]): Promise<Answer> =>
    request(tunnel(target), grpc(target, path, ...more));

  it('no spelling of a denied path reaches the service', async () => {
    const calls = live.service('payment-v1').calls();
    const tricks = [
      '/test.v1.Echo/Other',
      '/test.v1.Echo/./Other',
      '/x/../test.v1.Echo/Other',
      '/test.v1.Echo/%4fther',
      '//test.v1.Echo/Other',
      '/test.v1.Echo//Other',
      '/test.v1.Echo%2fOther',
      '/test.v1.Echo/Other/',
      '/test.v1.Echo/Other%00',
      '/test.v1.Echo/Other#',
      '/test.v1.Echo\\Other',
      '/test.v1.Echo/Other?x=1',
      '/TEST.v1.Echo/Other',
      'test.v1.Echo/Other',
      '/test.v1.Echo/Other%',
    ];
    for (const path of tricks) assert.notEqual(status(await send(path)), '0', path);
    assert.equal(live.service('payment-v1').calls(), calls);
  });
  it('headers of other cases, doubled ones and forbidden ones are refused', async () => {
    assert.equal((await send('/test.v1.Echo/Unary', 'X-Upper', 'a')).headers, undefined);
    assert.equal((await send('/test.v1.Echo/Unary', 'connection', 'close')).headers, undefined);
    assert.equal((await send('/test.v1.Echo/Unary', ':path', '/test.v1.Echo/Other')).headers, undefined);
    const doubled = await send('/test.v1.Echo/Unary', 'content-type', 'text/plain');
    assert.equal(headerValue(doubled.headers ?? [], ':status'), '400');
  });
  it('a header that is too long is refused, the connection is not', async () => {
    assert.equal(status(await send('/test.v1.Echo/Unary', 'x-long', 'a'.repeat(63_000))), '8');
  });
  it('what only the mesh may say is not taken from callers', async () => {
    const { echo } = await client.call(
      {},
      {
        headers: {
          'x-envoy-attempt-count': '99',
          'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/shop/sa/admin',
        },
      },
    );
    assert.equal(echo?.headers['x-envoy-attempt-count'], '1');
    assert.doesNotMatch(echo?.headers['x-forwarded-client-cert'] ?? '', /admin/);
  });
});
