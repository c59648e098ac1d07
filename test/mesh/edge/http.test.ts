// HTTP/1.1 through the ingress gateway and a sidecar: what a client and a service of the web notice of the mesh, which is
// nothing but fields. Streams stream, aborts travel, WebSockets stand.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as openRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { LARGE } from './http-echo.ts';
import { edgeRoutes, LiveEdge, ONLY_INGRESS, TO_V1, untilEnd, WEB } from './live-edge.ts';

let edge: LiveEdge;
before(async () => {
  edge = await LiveEdge.start([...WEB, ONLY_INGRESS, edgeRoutes(TO_V1)]);
});
after(() => edge.close());

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

describe('a request of HTTP/1.1', () => {
  it('comes to the service as it was sent, without what is about a hop', async () => {
    const { method, url, headers, body, response } = await edge.echo('/a%2Fb?c=d&e', {
      method: 'POST',
      body: 'hello',
      headers: { 'content-type': 'text/plain', 'x-mine': 'ü' },
    });
    assert.deepEqual([method, url, body], ['POST', '/a%2Fb?c=d&e', 'hello']);
    assert.equal(headers.host, `127.0.0.1:${edge.port}`);
    assert.equal(headers['content-length'], '5');
    assert.equal(headers['x-mine'], 'ü');
    assert.equal(response.headers.get('x-of-this-hop'), null);
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
  });
  it('keeps its body in chunks when its length is not known', async () => {
    const chunks = new ReadableStream({
      async start(controller) {
        for (const part of ['one', 'two', 'three']) {
          controller.enqueue(new TextEncoder().encode(part));
          await sleep(10);
        }
        controller.close();
      },
    });
    const { body, headers } = await edge.echo('/', { method: 'PUT', body: chunks, duplex: 'half' } as RequestInit);
    assert.equal(body, 'onetwothree');
    assert.equal(headers['transfer-encoding'], 'chunked');
  });
  it('may have no body whatever its method, and one whatever its method', async () => {
    assert.equal((await edge.echo('/', { method: 'POST' })).headers['content-length'], '0');
    assert.equal((await edge.echo('/', { method: 'DELETE' })).body, '');
    const reply = await edge.raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi');
    assert.match(reply, /"body":"hi"/);
  });
  it('gets answers without a body', async () => {
    const head = await fetch(edge.url, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(await edge.status('/status/204'), 204);
    assert.equal(await edge.status('/status/304'), 304);
  });
  it('shares its connection with those that follow, also when they are sent ahead', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let round = 0; round < 3; round++) {
      const request = openRequest({ host: '127.0.0.1', port: edge.port, agent }).end();
      const [response] = await once(request, 'response');
      ports.add(request.socket?.localPort);
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    assert.equal(ports.size, 1);
    const get = (path: string, close = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${close}\r\n`;
    const text = await edge.raw(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
    assert.deepEqual(
      [...text.matchAll(/"url":"(\/[0-9])"/g)].map((match) => match[1]),
      ['/1', '/2', '/3'],
    );
  });
  it('waits for the answer before its own, and is dropped with the connection', async () => {
    const before = edge.service('web-v1').seen.requests;
    const socket = await edge.connect();
    socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\nPOST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi');
    await until(() => edge.service('web-v1').seen.requests > before);
    await sleep(100);
    socket.destroy();
    await edge.echo();
    assert.equal(edge.service('web-v1').seen.requests, before + 2, 'the first one, and ours');
  });
  it('may not be one of more than a hundred that wait', async () => {
    const before = edge.service('web-v1').seen.requests;
    assert.equal(await edge.raw('GET /never HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(150)), '');
    assert.equal(edge.service('web-v1').seen.requests, before + 1);
  });
  it('that is answered before its end is the last one of its connection', async () => {
    const text = await edge.raw('POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf');
    assert.match(text, /^HTTP\/1\.1 413 .*connection: close.*too large/is);
    const whole = await fetch(`${edge.url}/early`, { method: 'POST', body: 'x'.repeat(8 * 2 ** 20) });
    assert.deepEqual([whole.status, await whole.text()], [413, 'too large']);
  });
  it('is told to go on when it asks before it sends its body', async () => {
    const socket = await edge.connect();
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    );
    const [first] = await once(socket, 'data');
    assert.match(first.toString(), /^HTTP\/1\.1 100 Continue\r\n\r\n/);
    socket.write('ok');
    const rest = await untilEnd(socket);
    assert.match(rest, /"body":"ok"/);
    assert.match(rest, /"expect":"100-continue"/);
  });
  it('may end in a trailer section, which goes no further', async () => {
    const reply = await edge.raw(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 1\r\nHost: evil\r\n\r\n',
    );
    assert.match(reply, /"body":"hi"/);
    assert.doesNotMatch(reply, /evil|x-sum/);
  });
  it('may name its host in the request target, which wins over the field', async () => {
    const reply = await edge.raw('GET http://web.test/x HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n');
    assert.match(reply, /"url":"\/x"/);
    assert.match(reply, /"host":"web\.test"/);
  });
});

describe('streams', () => {
  it('events come one by one, and the service learns that their reader has gone', async () => {
    const before = edge.service('web-v1').seen.abandoned;
    const stop = new AbortController();
    const response = await fetch(`${edge.url}/events`, { signal: stop.signal });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    const second = await reader?.read();
    assert.match(first?.value ?? '', /^data: 1\n\n/);
    assert.match(second?.value ?? '', /data: [2-9]/);
    stop.abort();
    await until(() => edge.service('web-v1').seen.abandoned > before);
  });
  it('a head without a body yet is not held back', async () => {
    const stop = new AbortController();
    const response = await fetch(`${edge.url}/silent`, { signal: stop.signal });
    assert.equal(response.status, 200);
    stop.abort();
  });
  it('a client that goes before the answer takes the request with it', async () => {
    const before = edge.service('web-v1').seen;
    const { requests, abandoned } = before;
    const socket = await edge.connect();
    socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => edge.service('web-v1').seen.requests > requests);
    socket.destroy();
    await until(() => edge.service('web-v1').seen.abandoned > abandoned);
  });
  it('half an answer does not look like a whole one', async () => {
    const response = await fetch(`${edge.url}/broken`);
    await assert.rejects(response.text());
  });
  it('a slow reader holds the service back, and gets everything', async () => {
    const request = openRequest({ host: '127.0.0.1', port: edge.port, path: '/large', agent: false }).end();
    const [response] = await once(request, 'response');
    await sleep(300);
    const { taken } = edge.service('web-v1').seen;
    assert.ok(taken < LARGE / 2, `${taken} octets were taken from the service while nobody read`);
    let octets = 0;
    for await (const chunk of response) octets += chunk.length;
    assert.equal(octets, LARGE);
  });
  it('a large request comes through', async () => {
    const body = 'x'.repeat(4 * 2 ** 20);
    assert.equal((await edge.echo('/', { method: 'POST', body })).body.length, body.length);
  });
});

describe('WebSockets', () => {
  const open = async (path = '/socket'): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}${path}`);
    await once(socket, 'open');
    return socket;
  };
  it('carry messages both ways, and close in order', async () => {
    const socket = await open();
    for (const text of ['one', 'x'.repeat(100_000)]) {
      socket.send(text);
      const [data] = await once(socket, 'message');
      assert.equal(data.toString(), text);
    }
    socket.close(1000, 'done');
    const [code, reason] = await once(socket, 'close');
    assert.deepEqual([code, reason.toString()], [1000, 'done']);
  });
  it('end at the service when the client is gone', async () => {
    const socket = await open();
    const before = edge.service('web-v1').seen.abandoned;
    socket.terminate();
    await until(() => edge.service('web-v1').seen.abandoned > before);
  });
  it('that the service does not take are answered as it answers', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/elsewhere`);
    const [error] = await once(socket, 'error');
    assert.match(error.message, /Unexpected server response: 403/);
  });
  it('are not begun before the answers that their connection waits for', async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13';
    const before = edge.service('web-v1').seen.requests;
    const ahead = `GET /never HTTP/1.1\r\nHost: a\r\n\r\nGET /socket HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n\r\n`;
    assert.equal(await edge.raw(ahead), '');
    assert.ok(edge.service('web-v1').seen.requests <= before + 1);
  });
  it('are the only protocol that can be asked for', async () => {
    const reply = await edge.raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n');
    assert.match(reply, /^HTTP\/1\.1 200 OK/);
    assert.doesNotMatch(reply, /"upgrade"/);
  });
});

describe('what the edge writes', () => {
  it("the client's address ends X-Forwarded-For, whatever the client wrote", async () => {
    assert.equal((await edge.echo()).headers['x-forwarded-for'], '127.0.0.1');
    const spoofed = await edge.echo('/', {
      headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' },
    });
    assert.equal(spoofed.headers['x-forwarded-for'], '203.0.113.7,127.0.0.1');
    assert.equal(spoofed.headers['x-forwarded-proto'], 'http');
  });
  it('who called, as its own certificate says; not as the client does', async () => {
    const { headers } = await edge.echo('/', {
      headers: { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/shop/sa/admin', 'x-envoy-retry-on': '5xx' },
    });
    assert.match(
      headers['x-forwarded-client-cert'] ?? '',
      /^By=spiffe:\/\/cluster\.local\/ns\/shop\/sa\/web;Hash=[0-9a-f]{64};Subject="";URI=spiffe:\/\/cluster\.local\/ns\/istio-system\/sa\/istio-ingressgateway$/,
    );
    assert.equal(headers['x-envoy-retry-on'], undefined);
  });
  it('a request id, whatever the client has given', async () => {
    assert.match((await edge.echo()).headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
    const { headers } = await edge.echo('/', { headers: { 'x-request-id': 'mine' } });
    assert.match(headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  });
});

describe('an ingress that stops', () => {
  it('takes nothing new, lets what runs end, and waits for no connection that says nothing', async () => {
    const stopping = await LiveEdge.start([...WEB, ONLY_INGRESS, edgeRoutes(TO_V1)]);
    try {
      const silent = await stopping.connect();
      const open = await stopping.connect();
      open.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n');
      await until(() => stopping.service('web-v1').seen.requests === 1);
      stopping.mesh.ingress?.drain();
      assert.equal(await untilEnd(silent), '');
      await assert.rejects(stopping.connect());
      open.write('ok');
      assert.match(await untilEnd(open), /^HTTP\/1\.1 200 OK\r\n.*connection: close.*"body":"ok"/is);
    } finally {
      await stopping.close();
    }
  });
});

describe('an instance that is not there', () => {
  it('is answered for: 503, and again 200 when it is back', async () => {
    edge.mesh.setReady('web-v1', false);
    assert.equal(await edge.status(), 503);
    edge.mesh.setReady('web-v1', true);
    assert.equal(await edge.status(), 200);
  });
});
