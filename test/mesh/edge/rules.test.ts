// Rules at the edge, live: what Gateway, VirtualService, DestinationRule, RequestAuthentication and AuthorizationPolicy say
// about requests from outside happens to real ones, and changes while they run.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { main } from '../../../mesh/cli/main.ts';
import { istio } from '../../../mesh/rules/testing/manifests.ts';
import { edgeRoutes, LiveEdge, ONLY_INGRESS, TO_V1, WEB } from './live-edge.ts';

let edge: LiveEdge;
before(async () => {
  edge = await LiveEdge.start([...WEB, ONLY_INGRESS, edgeRoutes(TO_V1)]);
});
after(() => edge.close());

const to = (subset: string, weight?: number): string =>
  `{ destination: { host: web, subset: ${subset} }${weight === undefined ? '' : `, weight: ${weight}`} }`;

const routes = (http: string, ...more: readonly string[]): Promise<void> =>
  edge.rules(...WEB, ONLY_INGRESS, edgeRoutes(http), ...more);

/** Instances that answered, by count. */
async function shares(requests: number, init: RequestInit = {}): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < requests; sent += 20)
    for (const { instance } of await Promise.all(Array.from({ length: 20 }, () => edge.echo('/', init))))
      counts[instance] = (counts[instance] ?? 0) + 1;
  return counts;
}

describe('routing at the edge', () => {
  it('matches path, method, header and query, first match first', async () => {
    await routes(
      [
        `- match: [{ uri: { prefix: /api }, method: { exact: POST } }]\n  route: [${to('v2')}]`,
        `- match: [{ headers: { x-user-type: { exact: premium } } }, { queryParams: { beta: { exact: "1" } } }]\n  route: [${to('v2')}]`,
        `- match: [{ uri: { prefix: /api } }]\n  route: [${to('v1')}]`,
      ].join('\n'),
    );
    assert.equal((await edge.echo('/api/a', { method: 'POST' })).instance, 'web-v2');
    assert.equal((await edge.echo('/api/a')).instance, 'web-v1');
    assert.equal((await edge.echo('/x', { headers: { 'x-user-type': 'premium' } })).instance, 'web-v2');
    assert.equal((await edge.echo('/x?beta=1')).instance, 'web-v2');
    assert.equal(await edge.status('/x'), 404);
  });
  it('splits by weight', async () => {
    await routes(`- route: [${to('v1', 75)}, ${to('v2', 25)}]`);
    const { 'web-v2': second = 0 } = await shares(400);
    // Five standard deviations of 400 draws at 25 %.
    assert.ok(Math.abs(second - 100) < 5 * Math.sqrt(400 * 0.25 * 0.75), `${second} of 400`);
  });
  it('takes hosts that a Gateway and a VirtualService name, and no others', async () => {
    await edge.rules(...WEB, ONLY_INGRESS, edgeRoutes(TO_V1, 'shop.test, "*.shop.test"'));
    const asking = async (host: string): Promise<string> =>
      (await edge.raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).slice(9, 12);
    assert.equal(await asking('shop.test'), '200');
    assert.equal(await asking('SHOP.test:8080'), '200');
    assert.equal(await asking('a.shop.test'), '200');
    assert.equal(await asking('web.shop.svc.cluster.local'), '404');
    assert.equal(await asking('other.test'), '404');
  });
  it('rewrites, redirects and answers', async () => {
    await routes(
      [
        `- match: [{ uri: { prefix: /old/ } }]\n  rewrite: { uri: /new/, authority: inner.test }\n  route: [${to('v1')}]`,
        '- match: [{ uri: { exact: /moved } }]\n  redirect: { uri: /here, redirectCode: 308 }',
        '- match: [{ uri: { prefix: /host } }]\n  redirect: { authority: elsewhere.test, scheme: https }',
        '- match: [{ uri: { exact: /no } }]\n  directResponse: { status: 418, body: { string: short and stout } }',
      ].join('\n'),
    );
    const { url, headers } = await edge.echo('/old/a?b=c');
    assert.deepEqual([url, headers.host], ['/new/a?b=c', 'inner.test']);
    const moved = await fetch(`${edge.url}/moved?a=b`, { redirect: 'manual' });
    assert.deepEqual([moved.status, moved.headers.get('location')], [308, `http://127.0.0.1:${edge.port}/here?a=b`]);
    const host = await fetch(`${edge.url}/host/a?b`, { redirect: 'manual' });
    assert.deepEqual([host.status, host.headers.get('location')], [301, 'https://elsewhere.test/host/a?b']);
    const answer = await fetch(`${edge.url}/no`);
    assert.deepEqual([answer.status, await answer.text()], [418, 'short and stout']);
  });
  it('sets, adds and removes fields both ways', async () => {
    await routes(
      `- route: [${to('v1')}]\n  headers: { request: { set: { x-set: a }, add: { x-add: b }, remove: [x-gone] }, response: { set: { x-out: c }, remove: [x-instance] } }`,
    );
    const response = await fetch(edge.url, { headers: { 'x-gone': '1', 'x-set': '0' } });
    const { headers } = (await response.json()) as { headers: Record<string, string> };
    assert.deepEqual([headers['x-set'], headers['x-add'], headers['x-gone']], ['a', 'b', undefined]);
    assert.deepEqual([response.headers.get('x-out'), response.headers.get('x-instance')], ['c', null]);
  });
});

describe('resilience at the edge', () => {
  it('injects faults', async () => {
    await routes(
      `- match: [{ uri: { exact: /late } }]\n  fault: { delay: { fixedDelay: 200ms, percentage: { value: 100 } } }\n  route: [${to('v1')}]\n- fault: { abort: { httpStatus: 429, percentage: { value: 100 } } }\n  route: [${to('v1')}]`,
    );
    assert.equal(await edge.status('/'), 429);
    const begun = performance.now();
    assert.equal(await edge.status('/late'), 200);
    assert.ok(performance.now() - begun >= 195);
  });
  it('ends what takes too long, with 504', async () => {
    await routes(`- timeout: 100ms\n  route: [${to('v1')}]`);
    assert.equal(await edge.status('/never'), 504);
  });
  it('tries again what a rule lets it, on another instance', async () => {
    await routes('- retries: { attempts: 2, retryOn: 5xx }\n  route: [{ destination: { host: web } }]');
    const before = edge.service('web-v1').seen.requests + edge.service('web-v2').seen.requests;
    assert.equal(await edge.status('/status/500'), 500);
    assert.equal(edge.service('web-v1').seen.requests + edge.service('web-v2').seen.requests, before + 3);
  });
  it('ejects an instance that fails', async () => {
    await edge.rules(
      ...WEB.filter((each) => !each.includes('kind: DestinationRule')),
      ONLY_INGRESS,
      edgeRoutes('- retries: { attempts: 0 }\n  route: [{ destination: { host: web } }]'),
      istio(
        'DestinationRule',
        'web',
        'host: web\ntrafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, interval: 100ms, baseEjectionTime: 60s, maxEjectionPercent: 50 } }',
      ),
    );
    await edge.services.get('web-v2')?.close();
    const statuses: number[] = [];
    for (let round = 0; round < 30; round++) statuses.push(await edge.status());
    assert.ok(statuses.filter((status) => status === 503).length >= 3);
    assert.deepEqual(statuses.slice(-10), Array(10).fill(200));
    await edge.restart('web-v2');
  });
  it('turns away what is over the limit of requests', async () => {
    await edge.rules(
      ...WEB.filter((each) => !each.includes('kind: DestinationRule')),
      ONLY_INGRESS,
      edgeRoutes('- route: [{ destination: { host: web } }]'),
      istio(
        'DestinationRule',
        'web',
        'host: web\ntrafficPolicy: { connectionPool: { http: { http2MaxRequests: 1 } } }',
      ),
    );
    const stop = new AbortController();
    const held = await fetch(`${edge.url}/silent`, { signal: stop.signal });
    const over = await fetch(edge.url);
    assert.deepEqual([held.status, over.status, over.headers.get('x-envoy-overloaded')], [200, 503, 'true']);
    stop.abort();
  });
  it('copies requests to a mirror, whose answers nobody sees', async () => {
    await routes(`- route: [${to('v1')}]\n  mirror: { host: web, subset: v2 }`);
    const before = edge.service('web-v2').seen.requests;
    assert.equal((await edge.echo('/', { method: 'POST', body: 'x' })).instance, 'web-v1');
    while (edge.service('web-v2').seen.requests === before) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  it('changes weights under load without a failed request', async () => {
    let done = false;
    let failed = 0;
    let sent = 0;
    const load = Array.from({ length: 8 }, async () => {
      while (!done) {
        sent++;
        if ((await edge.status().catch(() => 0)) !== 200) failed++;
      }
    });
    for (let round = 0; round < 20; round++) {
      const weight = (round * 37) % 101;
      await routes(`- route: [${to('v1', weight)}, ${to('v2', 100 - weight)}]`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    done = true;
    await Promise.all(load);
    assert.ok(sent > 100);
    assert.equal(failed, 0);
  });
});

describe('the edge, by command', () => {
  const mesh = async (...words: string[]): Promise<string> => {
    const lines: string[] = [];
    const write = (text = ''): void => void lines.push(text);
    await main([...words, '--state', edge.mesh.stateDir], { line: write, json: () => {}, error: write });
    return lines.join('\n');
  };
  it('fault, set and reset change what happens to requests from outside', async () => {
    await routes(`- retries: { attempts: 0 }\n  route: [${to('v1', 100)}, ${to('v2', 0)}]`);
    assert.match(await mesh('fault', 'web', '--abort', '418', '--method', '/teapot'), /abort 418/);
    assert.deepEqual([await edge.status('/teapot'), await edge.status('/')], [418, 200]);
    await mesh('set', 'web', 'canary.weight=100');
    assert.equal((await edge.echo()).instance, 'web-v2');
    await mesh('set', 'web', 'timeout=100ms');
    assert.equal(await edge.status('/never'), 504);
    await mesh('reset');
    assert.equal(await edge.status('/teapot'), 200);
    assert.equal((await edge.echo()).instance, 'web-v1');
    assert.match(await mesh('status'), new RegExp(`ingress on port ${edge.port}`));
  });
  it('eject takes an instance out for the outside too', async () => {
    await routes('- route: [{ destination: { host: web } }]');
    await mesh('eject', 'web-v1');
    assert.deepEqual(await shares(20), { 'web-v2': 20 });
    await mesh('reset');
  });
});

describe('tokens and policies at the edge', () => {
  it("are asked for by the gateway's workload, and decide routes by their claims", async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
    const token = (expires: string): Promise<string> =>
      new SignJWT({ sub: 'ann', plan: 'gold' })
        .setIssuer('https://id')
        .setAudience('shop')
        .setExpirationTime(expires)
        .setProtectedHeader({ alg: 'ES256' })
        .sign(privateKey);
    const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });
    const rule = `jwtRules: [{ issuer: 'https://id', audiences: [shop], jwks: '${jwks}', forwardOriginalToken: true }]`;
    const at = 'selector: { matchLabels: { istio: ingressgateway } }';
    await routes(
      `- match: [{ headers: { "@request.auth.claims[plan]": { exact: gold } } }]\n  route: [${to('v2')}]\n${TO_V1}`,
      istio('RequestAuthentication', 'edge', `${at}\n${rule}`, 'istio-system'),
      istio(
        'AuthorizationPolicy',
        'edge',
        `${at}\naction: DENY\nrules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { paths: ["/private*"] } }] }]`,
        'istio-system',
      ),
    );
    const good = bearer(await token('1h'));
    assert.equal((await edge.echo('/')).instance, 'web-v1');
    assert.equal((await edge.echo('/', good)).instance, 'web-v2');
    assert.equal(await edge.status('/private/a'), 403);
    assert.equal(await edge.status('/%70rivate/a'), 403);
    assert.equal(await edge.status('/x/../private/a'), 403);
    assert.equal(await edge.status('/private/a', good), 200);
    assert.equal(await edge.status('/', bearer(await token('-1h'))), 401);
    assert.equal(await edge.status('/', bearer('nonsense')), 401);
  });
  it("are asked for by the service's own sidecar, which is where Fairlead declares them", async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
    await routes(TO_V1, istio('RequestAuthentication', 'web', `jwtRules: [{ issuer: 'https://id', jwks: '${jwks}' }]`));
    assert.equal(await edge.status('/'), 200);
    assert.equal(await edge.status('/', { headers: { authorization: 'Bearer a.b.c' } }), 401);
    assert.equal(await edge.status('/metrics'), 403);
  });
});

describe('what is reported of the edge', () => {
  it('requests by status and protocol, at both ends; a line each in the access log', async () => {
    await routes(TO_V1, istio('Telemetry', 'log', 'accessLogging: [{ providers: [{ name: envoy }] }]', 'istio-system'));
    const { headers } = await edge.echo('/status/404');
    const metrics = await (await fetch(`http://127.0.0.1:${edge.mesh.metricsPort}/metrics`)).text();
    const lines = metrics
      .split('\n')
      .filter((line) => line.startsWith('istio_requests_total') && line.includes('"404"'));
    for (const reporter of ['source', 'destination'])
      assert.ok(
        lines.some((line) =>
          ['request_protocol="http"', 'grpc_response_status=""', `reporter="${reporter}"`].every((label) =>
            line.includes(label),
          ),
        ),
        lines.join('\n'),
      );
    await edge.mesh.accessLog.flush();
    const logged = (await readFile(edge.mesh.accessLog.path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((line) => line.request_id === headers['x-request-id']);
    assert.deepEqual(logged.map((line) => [line.direction, line.method, line.response_code]).sort(), [
      ['inbound', 'GET', 404],
      ['outbound', 'GET', 404],
    ]);
  });
  it("spans that join the client's trace", async () => {
    const spans: { traceId: string; kind: number; parentSpanId?: string; spanId: string }[] = [];
    const collector = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      for (const resource of JSON.parse(text).resourceSpans)
        for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      response.end('{}');
      collector.emit('spans');
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
    const traced = await LiveEdge.start([...WEB, ONLY_INGRESS, edgeRoutes(TO_V1)], {}, url);
    try {
      const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
      const { headers } = await traced.echo('/', { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
      while (spans.length < 2) await once(collector, 'spans');
      const outbound = spans.find((each) => each.kind === 3);
      const inbound = spans.find((each) => each.kind === 2);
      assert.equal(outbound?.parentSpanId, '00f067aa0ba902b7');
      assert.equal(inbound?.parentSpanId, outbound?.spanId);
      assert.equal(headers.traceparent, `00-${traceId}-${inbound?.spanId}-01`);
    } finally {
      await traced.close();
      collector.close();
      collector.closeAllConnections();
    }
  });
});
