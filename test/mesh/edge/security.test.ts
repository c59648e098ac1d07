// The edge under attack: requests that can be read in two ways, clients that are slow or too large, and ways around the
// ingress. All are refused, and the edge serves the next request.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { EchoClient } from '../live/echo-client.ts';
import { edgeRoutes, LiveEdge, ONLY_INGRESS, TO_V1, untilEnd, WEB } from './live-edge.ts';

let edge: LiveEdge;
before(async () => {
  edge = await LiveEdge.start([...WEB, ONLY_INGRESS, edgeRoutes(TO_V1)], {
    limits: { headersTimeoutMs: 400, requestTimeoutMs: 800 },
  });
});
after(() => edge.close());

const requests = (): number => edge.service('web-v1').seen.requests;
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n`;

describe('a request that can be read in two ways', () => {
  const refused: [what: string, octets: string, status: number][] = [
    ['both lengths', `${CHUNKED}Content-Length: 5\r\n\r\n0\r\n\r\n`, 400],
    [
      'both lengths, the other way round',
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`, 400],
    ['a list of lengths', `${POST}Content-Length: 5, 5\r\n\r\nhello`, 400],
    ['a signed length', `${POST}Content-Length: +5\r\n\r\nhello`, 400],
    ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 501],
    ['a coding before chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
    ['chunked twice', `${CHUNKED}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n`, 400],
    ['a coding behind a vertical tab', `${POST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`, 400],
    ['a folded field', `${POST}X-A: b\r\n c\r\n\r\n`, 400],
    ['a folded coding', `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a space before a colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a field without a name', `${POST}: a\r\n\r\n`, 400],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['a bare carriage return', `${POST}X-A: b\rX-C: d\r\n\r\n`, 400],
    ['a NUL', `${POST}X-A: b\0c\r\n\r\n`, 400],
    ['a bad size of a chunk', `${CHUNKED}\r\nzz\r\n\r\n`, 400],
    ['a chunk that ends in a line feed', `${CHUNKED}\r\n1\na\r\n0\r\n\r\n`, 400],
    ['a chunk extension with a line feed', `${CHUNKED}\r\n1;a\nb\r\na\r\n0\r\n\r\n`, 400],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
    ['a host with a user', 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n', 400],
    ['another protocol', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n', 403],
    ['a hop that names the host', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Host\r\n\r\n', 400],
    ['a hop that names the client', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For\r\n\r\n', 400],
    ['the gateway itself', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['a path that is none', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['another scheme', 'GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a bad escape', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['an escaped NUL', 'GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a method that is none', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a tunnel', 'CONNECT web.shop.svc.cluster.local:8080 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', 426],
    ['HTTP/0.9', 'GET /\r\n\r\n', 426],
    ['another version', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 400],
  ];
  for (const [what, octets, status] of refused)
    it(`${what}: ${status}`, async () => {
      const before = requests();
      const text = await edge.raw(octets.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), text);
      // What a refused request carries must not be taken for another one.
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1);
      if (!octets.includes('chunked')) assert.equal(requests(), before);
    });

  it('a bad request behind a good one does not spoil the answer to it', async () => {
    const text = await edge.raw('GET /events HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n');
    assert.doesNotMatch(text, /400/);
  });
  it('a body that looks like a request is a body', async () => {
    const inner = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';
    const before = requests();
    const { body } = await edge.echo('/', { method: 'POST', body: inner });
    assert.equal(body, inner);
    assert.equal(requests(), before + 1);
  });
});

describe('a client', () => {
  it('that says nothing, or its head too slowly, is not waited for', async () => {
    const silent = await edge.connect();
    const slow = await edge.connect();
    slow.write('GET / HTTP/1.1\r\nHost: a\r\n');
    const drip = setInterval(() => slow.write('x-a: b\r\n'), 100);
    const [nothing, late] = await Promise.all([untilEnd(silent), untilEnd(slow)]);
    clearInterval(drip);
    assert.equal(nothing, '');
    assert.match(late, /^HTTP\/1\.1 408 /);
  });
  it('that sends its body too slowly ends its request at the service too', async () => {
    const before = edge.service('web-v1').seen.abandoned;
    const slow = await edge.connect();
    slow.write(`${POST}Content-Length: 1000\r\n\r\n`);
    const drip = setInterval(() => slow.write('x'), 100);
    await untilEnd(slow);
    clearInterval(drip);
    while (edge.service('web-v1').seen.abandoned === before) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  it('with too large or too many fields gets 431', async () => {
    const large = await edge.raw(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(70_000)}\r\n\r\n`);
    assert.match(large, /^HTTP\/1\.1 431 /);
    const line = await edge.raw(`GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.match(line, /^HTTP\/1\.1 431 /);
    const many = await edge.raw(`GET / HTTP/1.1\r\nHost: a\r\n${'X-A: b\r\n'.repeat(101)}\r\n`);
    assert.match(many, /^HTTP\/1\.1 431 /);
    const most = `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${`X-A: ${'b'.repeat(1000)}\r\n`.repeat(50)}\r\n`;
    assert.match(await edge.raw(most), /^HTTP\/1\.1 (?:200|431) /);
    assert.equal(await edge.status(), 200, 'and the edge goes on');
  });
  it('cannot name fields of the mesh as fields of its hop, or open a stream as a WebSocket by their name', async () => {
    const { headers } = await edge.echo('/', { headers: { 'x-mesh-upgrade': 'websocket' } });
    assert.equal(headers.upgrade, undefined);
    const named = await edge.raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Mesh-Upgrade\r\n\r\n');
    assert.match(named, /"x-forwarded-for":"127\.0\.0\.1"/);
    const session = connectHttp2(edge.url);
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: '/', 'x-mesh-upgrade': 'websocket' });
    const [answer] = await once(stream, 'response');
    assert.equal(answer[':status'], 200);
    assert.equal(answer['x-mesh-upgraded'], undefined);
    session.destroy();
  });
});

describe('around the ingress', () => {
  const inbound = () => edge.workloads.get('web-v1')?.inbound as { readonly host: string; readonly port: number };
  it("the sidecar's port takes no plaintext", async () => {
    const before = requests();
    const socket = connect(inbound().port, inbound().host);
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n');
    assert.equal(await untilEnd(socket), '');
    assert.equal(requests(), before);
  });
  it('nor TLS without a certificate of the mesh', async () => {
    const socket = connectTls({ ...inbound(), rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    socket.on('error', () => {});
    socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    assert.equal(await untilEnd(socket), '');
  });
  it('another workload of the mesh is not let in: only the ingress is', async () => {
    const before = requests();
    const client = new EchoClient('web.shop.svc.cluster.local:8080', edge.workloads.get('other-v1')?.proxyUrl);
    const { code, message } = await client.call({}, { deadlineMs: 2000 });
    client.close();
    assert.deepEqual([code, message], [7, 'RBAC: access denied']);
    assert.equal(requests(), before);
  });
  it("the service's own socket is in a folder that nobody else can enter", () => {
    const path = edge.workloads.get('web-v1')?.listen?.slice('unix:'.length) ?? '';
    assert.equal(statSync(dirname(path)).mode & 0o077, 0);
    // Nobody listens for HTTP/1.1 but the ingress: the service has no port at all.
    if (process.platform === 'linux') assert.match(readFileSync('/proc/net/unix', 'utf8'), new RegExp(path));
  });
});
