// Rules on live traffic: stock grpc-js on both sides, real sockets, real certificates.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import type { EchoClient } from './echo-client.ts';
import { LiveMesh } from './live-mesh.ts';

const STRICT = istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system');
const route = (http: string): string => istio('VirtualService', 'payment', `hosts: [payment]\nhttp:\n${http}`);
const subset = (name: string, more = ''): string => `{ destination: { host: payment, subset: ${name} }${more} }`;
const SUBSETS = 'subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]';
const policy = (traffic: string): string =>
  istio('DestinationRule', 'payment', `host: payment\ntrafficPolicy:\n${traffic}\n${SUBSETS}`);
const BASE = PLATFORM.slice(0, -1);

let live: LiveMesh;
let checkout: EchoClient;
before(async () => {
  live = await LiveMesh.start({ manifests: [...PLATFORM, STRICT] });
  checkout = live.client('checkout-v1');
});
after(() => live.close());

const rules = (...documents: string[]): Promise<void> => live.rules(...PLATFORM, STRICT, ...documents);
const rulesWith = (destinationRule: string, ...documents: string[]): Promise<void> =>
  live.rules(...BASE, STRICT, destinationRule, ...documents);

describe('routing', () => {
  it('tells the service who calls, by the certificate', async () => {
    await rules();
    const { echo } = await checkout.call(
      {},
      { headers: { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/shop/sa/admin' } },
    );
    const header = echo?.headers['x-forwarded-client-cert'] ?? '';
    assert.match(
      header,
      /^By=spiffe:\/\/cluster\.local\/ns\/shop\/sa\/payment;Hash=[0-9a-f]{64};Subject="";URI=spiffe:\/\/cluster\.local\/ns\/shop\/sa\/checkout$/,
    );
  });

  it('goes by header to a subset, every time', async () => {
    await rules(
      route(
        `- match: [{ headers: { x-version: { exact: v2 } } }]\n  route: [${subset('v2')}]\n- route: [${subset('v1')}]`,
      ),
    );
    const canary = await checkout.many(50, 8, () => checkout.call({}, { headers: { 'x-version': 'v2' } }));
    assert.ok(canary.every((each) => each.echo?.instance === 'payment-v2'));
    assert.equal((await checkout.call()).echo?.instance, 'payment-v1');
  });

  it('splits by weight', async () => {
    await rules(route(`- route: [${subset('v1', ', weight: 80')}, ${subset('v2', ', weight: 20')}]`));
    const outcomes = await checkout.many(1000, 32);
    const canary = outcomes.filter((each) => each.echo?.instance === 'payment-v2').length;
    // 200 expected, standard deviation 12.6: seven of them is a chance of one in 10^11
    assert.ok(canary > 110 && canary < 290, `${canary} of 1000`);
  });

  it('changes headers on the way there and back, and the path', async () => {
    await rules(
      route(
        `- match: [{ uri: { exact: /test.v1.Echo/Other } }]\n  rewrite: { uri: /test.v1.Echo/Unary }\n  headers: { request: { set: { x-set: mesh }, add: { x-add: mesh }, remove: [x-gone] }, response: { set: { x-answer: mesh }, remove: [date] } }\n  route: [${subset('v1')}]`,
      ),
    );
    const { echo, headers, code } = await checkout.call(
      {},
      { method: 'Other', headers: { 'x-set': 'caller', 'x-add': 'caller', 'x-gone': 'caller' } },
    );
    assert.equal(code, 0);
    assert.deepEqual(
      [echo?.headers['x-set'], echo?.headers['x-add'], echo?.headers['x-gone']],
      ['mesh', 'caller, mesh', undefined],
    );
    assert.deepEqual(headers?.get('x-answer'), ['mesh']);
    assert.deepEqual(headers?.get('date'), []);
  });

  it('answers UNIMPLEMENTED when no route matches, and passes trailers on when one does', async () => {
    await rules(route(`- match: [{ uri: { exact: /test.v1.Echo/Unary } }]\n  route: [${subset('v1')}]`));
    assert.equal((await checkout.call({}, { method: 'Other' })).code, 12);
    const { status } = await checkout.call({ trailers: { 'x-trailer': 'here' } });
    assert.deepEqual(status?.metadata.get('x-trailer'), ['here']);
  });

  it('mirrors to another service, and the caller sees only its own answer', async () => {
    await rules(route(`- mirror: { host: catalog }\n  route: [${subset('v1')}]`));
    const seen = live.service('catalog-v1').calls();
    const outcomes = await checkout.many(20, 4);
    assert.ok(outcomes.every((each) => each.echo?.instance === 'payment-v1'));
    while (live.service('catalog-v1').calls() < seen + 20) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('retries and time', () => {
  const retrying = (rule: string): Promise<void> => rules(route(`- retries: ${rule}\n  route: [${subset('v1')}]`));
  const attempts = async (request: Parameters<EchoClient['call']>[0]): Promise<[code: number, calls: number]> => {
    const service = live.service('payment-v1');
    const seen = service.calls();
    const { code } = await checkout.call(request);
    return [code, service.calls() - seen];
  };

  it('tries as often as the rule says, on its conditions alone', async () => {
    await retrying('{ attempts: 3, retryOn: unavailable, backoff: 1ms }');
    assert.deepEqual(await attempts({ code: 14 }), [14, 4]);
    assert.deepEqual(await attempts({ code: 13 }), [13, 1]);
  });
  it('succeeds when an attempt does', async () => {
    await retrying('{ attempts: 3, retryOn: unavailable, backoff: 1ms }');
    const seen = live.service('payment-v1').calls();
    assert.equal((await checkout.call({ code: 14, failFirst: seen + 2 })).code, 0);
    assert.equal(live.service('payment-v1').calls() - seen, 3);
  });
  it('tries twice more when nothing is said, and once with attempts: 0', async () => {
    await rules();
    await rules(route(`- route: [${subset('v1')}]`));
    assert.deepEqual(await attempts({ code: 14 }), [14, 3]);
    await retrying('{ attempts: 0 }');
    assert.deepEqual(await attempts({ code: 14 }), [14, 1]);
  });
  it('gives up an attempt after perTryTimeout and tries again', async () => {
    await retrying('{ attempts: 1, perTryTimeout: 50ms, retryOn: reset, backoff: 1ms }');
    const [code, calls] = await attempts({ delayMs: 5000 });
    assert.deepEqual([code, calls], [14, 2]);
  });
  it("ends a call at its route's timeout with UNAVAILABLE, as Envoy does, and cancels it at the service", async () => {
    await rules(route(`- timeout: 60ms\n  route: [${subset('v1')}]`));
    const gone = live.service('payment-v1').cancelled();
    const { code, message } = await checkout.call({ delayMs: 5000 });
    assert.deepEqual([code, message], [14, 'upstream request timeout']);
    while (live.service('payment-v1').cancelled() === gone) await new Promise((resolve) => setImmediate(resolve));
  });
  it('passes the smaller of deadline and timeout on', async () => {
    await rules(route(`- timeout: 2s\n  route: [${subset('v1')}]`));
    const { code } = await checkout.call({ delayMs: 5000 }, { deadlineMs: 60 });
    assert.equal(code, 4);
  });
  it('keeps a request over the retry buffer whole, and does not retry it', async () => {
    await retrying('{ attempts: 3, retryOn: unavailable, backoff: 1ms }');
    const service = live.service('payment-v1');
    const seen = service.calls();
    service.behaviour = { code: 14 };
    try {
      assert.equal((await checkout.call(Buffer.alloc(1_000_000, 1))).code, 14);
      assert.equal(service.calls() - seen, 1);
      assert.equal((await checkout.call(Buffer.alloc(100_000, 1))).code, 14);
      assert.equal(service.calls() - seen, 5);
    } finally {
      service.behaviour = {};
    }
  });
});

describe('faults', () => {
  it('aborts and delays as told', async () => {
    await rules(
      route(
        `- fault: { abort: { grpcStatus: RESOURCE_EXHAUSTED, percentage: { value: 100 } } }\n  route: [${subset('v1')}]`,
      ),
    );
    const seen = live.service('payment-v1').calls();
    assert.equal((await checkout.call()).code, 8);
    assert.equal(live.service('payment-v1').calls(), seen);
    await rules(
      route(`- fault: { delay: { fixedDelay: 10s, percentage: { value: 100 } } }\n  route: [${subset('v1')}]`),
    );
    assert.equal((await checkout.call({}, { deadlineMs: 50 })).code, 4, 'the call was still held back');
  });
});

describe('destinations', () => {
  it('takes turns with ROUND_ROBIN', async () => {
    await rulesWith(policy('  loadBalancer: { simple: ROUND_ROBIN }'));
    const names = (await checkout.many(10, 1)).map((each) => each.echo?.instance);
    assert.equal(new Set(names).size, 2);
    assert.ok(names.every((name, index) => index === 0 || name !== names[index - 1]));
  });
  it("keeps a header's value on one instance with consistentHash", async () => {
    await rulesWith(policy('  loadBalancer: { consistentHash: { httpHeaderName: x-user } }'));
    for (const user of ['ann', 'bob', 'cid', 'dan', 'eve']) {
      const outcomes = await checkout.many(10, 4, () => checkout.call({}, { headers: { 'x-user': user } }));
      assert.equal(new Set(outcomes.map((each) => each.echo?.instance)).size, 1, user);
    }
  });
  it('refuses at once what goes over http2MaxRequests', async () => {
    await rulesWith(
      policy('  connectionPool: { http: { http2MaxRequests: 2 } }'),
      route(`- retries: { attempts: 0 }\n  route: [${subset('v1')}]`),
    );
    const outcomes = await checkout.many(6, 6, () => checkout.call({ delayMs: 150 }));
    assert.equal(outcomes.filter((each) => each.code === 0).length, 2);
    const refused = outcomes.filter((each) => each.code === 14);
    assert.equal(refused.length, 4);
    assert.match(refused[0]?.message ?? '', /overflow/);
  });
  it('makes a new connection after maxRequestsPerConnection, and loses nothing', async () => {
    await rulesWith(
      policy('  connectionPool: { http: { maxRequestsPerConnection: 5 } }'),
      route(`- retries: { attempts: 0 }\n  route: [${subset('v1')}]`),
    );
    const counters = live.mesh.sidecars.get('payment-v1')?.inbound?.server.counters;
    const opened = counters?.connectionsOpened ?? 0;
    const outcomes = await checkout.many(50, 4);
    assert.deepEqual(
      outcomes.filter((each) => each.code !== 0),
      [],
    );
    assert.ok((counters?.connectionsOpened ?? 0) - opened >= 8, `${counters?.connectionsOpened} after ${opened}`);
  });
  it('ejects an instance that fails, and takes it back', async () => {
    await rulesWith(
      policy(
        '  loadBalancer: { simple: ROUND_ROBIN }\n  outlierDetection: { consecutiveGatewayErrors: 2, interval: 100ms, baseEjectionTime: 300ms, maxEjectionPercent: 50 }',
      ),
      route('- retries: { attempts: 0 }\n  route: [{ destination: { host: payment } }]'),
    );
    const bad = live.service('payment-v2');
    bad.behaviour = { code: 14 };
    const first = await checkout.many(8, 1);
    assert.equal(first.filter((each) => each.code === 14).length, 2, 'two failures eject it');
    bad.behaviour = {};
    const end = performance.now() + 5000;
    let returned = false;
    while (!returned && performance.now() < end) returned = (await checkout.call()).echo?.instance === 'payment-v2';
    assert.ok(returned);
  });
});

describe('policies', () => {
  const allow = (spec: string): string =>
    istio('AuthorizationPolicy', 'payment', `selector: { matchLabels: { app: payment } }\n${spec}`);
  it('lets in whom and what they name, and no one else', async () => {
    await rules(
      allow(
        'rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/checkout] } }], to: [{ operation: { paths: [/test.v1.Echo/Unary] } }] }]',
      ),
    );
    assert.equal((await checkout.call()).code, 0);
    const { code, message } = await checkout.call({}, { method: 'Other' });
    assert.deepEqual([code, message], [7, 'RBAC: access denied']);
    assert.equal((await live.client('catalog-v1').call()).code, 7);
  });
  it('asks for tokens: none, good, bad', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
    const sign = (issuer: string): Promise<string> =>
      new SignJWT({ sub: 'ann', role: 'admin' })
        .setIssuer(issuer)
        .setExpirationTime('1h')
        .setProtectedHeader({ alg: 'ES256' })
        .sign(privateKey);
    await rules(
      istio(
        'RequestAuthentication',
        'payment',
        `selector: { matchLabels: { app: payment } }\njwtRules: [{ issuer: https://id, jwks: '${jwks}', outputClaimToHeaders: [{ header: x-role, claim: role }] }]`,
      ),
      allow(
        'rules: [{ from: [{ source: { requestPrincipals: ["https://id/ann"] } }], when: [{ key: "request.auth.claims[role]", values: [admin] }] }]',
      ),
    );
    assert.equal((await checkout.call()).code, 7);
    const good = await sign('https://id');
    for (let turn = 0; turn < 2; turn++) {
      const { code, echo } = await checkout.call(
        {},
        { headers: { authorization: `Bearer ${good}`, 'x-role': 'forged' } },
      );
      assert.equal(code, 0);
      assert.deepEqual([echo?.headers['x-role'], echo?.headers.authorization], ['admin', undefined]);
    }
    const { code, message } = await checkout.call(
      {},
      { headers: { authorization: `Bearer ${await sign('https://evil')}` } },
    );
    assert.deepEqual([code, message], [16, 'Jwt issuer is not configured']);
  });
});

describe('rules while running', () => {
  it('a bad set is refused with file, line and field, and the last good one stays', async () => {
    await rules(route(`- route: [${subset('v2')}]`));
    await rules(route('- rout: []'));
    const refused = live.events.findLast((event) => event.kind === 'refused');
    assert.ok(refused?.kind === 'refused');
    assert.match(refused.problems[0]?.field ?? '', /spec\.http\[0\]\.rout/);
    assert.equal((await checkout.call()).echo?.instance, 'payment-v2');
  });
  it('metrics say what happened, as both sidecars saw it', async () => {
    const text = await (await fetch(`http://127.0.0.1:${live.mesh.metricsPort}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('istio_requests_total{'));
    const source = lines.find(
      (line) =>
        /reporter="source"/.test(line) &&
        /destination_workload="payment-v1"/.test(line) &&
        /grpc_response_status="14"/.test(line),
    );
    assert.match(source ?? '', /source_principal="spiffe:\/\/cluster\.local\/ns\/shop\/sa\/checkout"/);
    assert.ok(
      lines.some((line) => /reporter="destination"/.test(line) && /connection_security_policy="mutual_tls"/.test(line)),
    );
    assert.match(text, /istio_request_duration_milliseconds_bucket\{.*le="\+Inf"\} [1-9]/);
  });
});
