// The edges of the mesh: callers without a sidecar, the ingress, and what is reported to the outside.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { EchoClient } from './echo-client.ts';
import { startEcho } from './echo-service.ts';
import { LiveMesh } from './live-mesh.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly name: string;
}

const spans: Span[] = [];
const collector = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', () => {
    for (const resource of JSON.parse(text).resourceSpans)
      for (const scope of resource.scopeSpans) spans.push(...scope.spans);
    response.end('{}');
    collector.emit('spans');
  });
});

const MODE = (mode: string): string =>
  istio('PeerAuthentication', 'default', `mtls: { mode: ${mode} }`, 'istio-system');
const GATEWAY = istio(
  'Gateway',
  'edge',
  'selector: { istio: ingressgateway }\nservers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*.example"] }]',
  'istio-system',
);
const EDGE_ROUTE = istio(
  'VirtualService',
  'edge',
  'hosts: [shop.example]\ngateways: [istio-system/edge]\nhttp: [{ route: [{ destination: { host: catalog } }] }]',
);

let live: LiveMesh;
before(async () => {
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const otlpTracesUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  live = await LiveMesh.start({
    manifests: [...PLATFORM, MODE('STRICT'), GATEWAY, EDGE_ROUTE],
    ingress: true,
    otlpTracesUrl,
  });
});
after(async () => {
  await live.close();
  collector.close();
});

describe('callers without a sidecar', () => {
  const direct = async (): Promise<number> => {
    const address = live.workload('payment-v1').inbound as { readonly host: string; readonly port: number };
    const client = new EchoClient(`${address.host}:${address.port}`, undefined);
    const { code, echo } = await client.call({}, { deadlineMs: 2000 });
    assert.equal(echo?.headers['x-forwarded-client-cert'], undefined);
    client.close();
    return code;
  };
  it('are taken in plaintext by PERMISSIVE, not by STRICT', async () => {
    assert.equal(await direct(), 14);
    await live.rules(...PLATFORM, MODE('PERMISSIVE'), GATEWAY, EDGE_ROUTE);
    assert.equal(await direct(), 0);
    assert.equal((await live.client('checkout-v1').call()).code, 0, 'sidecars still speak mTLS to it');
  });
  it('DISABLE takes plaintext alone; a rule says so to callers too', async () => {
    await live.rules(
      ...PLATFORM,
      MODE('DISABLE'),
      GATEWAY,
      EDGE_ROUTE,
      istio('DestinationRule', 'catalog', 'host: catalog\ntrafficPolicy: { tls: { mode: DISABLE } }'),
    );
    assert.equal(await direct(), 0);
    assert.equal((await live.client('checkout-v1', 'catalog.shop.svc.cluster.local:50051').call()).code, 0);
  });
});

describe('the ingress', () => {
  const edge = (authority: string): EchoClient =>
    new EchoClient(`127.0.0.1:${live.mesh.ingress?.port}`, undefined, { 'grpc.default_authority': authority });
  const calling = async (
    authority: string,
    headers: Record<string, string> = {},
  ): Promise<[number, string, Record<string, string> | undefined]> => {
    const client = edge(authority);
    const { code, message, echo } = await client.call({}, { headers, deadlineMs: 2000 });
    client.close();
    return [code, message, echo?.headers];
  };
  it("carries what a Gateway takes and a VirtualService routes, as the gateway's identity", async () => {
    await live.rules(...PLATFORM, MODE('STRICT'), GATEWAY, EDGE_ROUTE);
    const [code, , headers] = await calling('shop.example', {
      'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/shop/sa/admin',
    });
    assert.equal(code, 0);
    assert.match(
      headers?.['x-forwarded-client-cert'] ?? '',
      /URI=spiffe:\/\/cluster\.local\/ns\/istio-system\/sa\/istio-ingressgateway$/,
    );
  });
  it('nothing else', async () => {
    assert.equal((await calling('other.test'))[0], 12);
    assert.equal((await calling('nobody.example'))[0], 12);
    assert.equal((await calling('payment.shop.svc.cluster.local'))[0], 12);
  });
  it('asks for tokens where its own RequestAuthentication says so, and routes by their claims', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
    const token = await new SignJWT({ sub: 'ann', plan: 'gold' })
      .setIssuer('https://id')
      .setExpirationTime('1h')
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    const selector = 'selector: { matchLabels: { istio: ingressgateway } }';
    await live.rules(
      ...PLATFORM,
      MODE('STRICT'),
      GATEWAY,
      istio(
        'VirtualService',
        'edge',
        'hosts: [shop.example]\ngateways: [istio-system/edge]\nhttp:\n- match: [{ headers: { "@request.auth.claims[plan]": { exact: gold } } }]\n  route: [{ destination: { host: payment } }]\n- route: [{ destination: { host: catalog } }]',
      ),
      istio(
        'RequestAuthentication',
        'edge',
        `${selector}\njwtRules: [{ issuer: 'https://id', jwks: '${jwks}', forwardOriginalToken: true }]`,
        'istio-system',
      ),
      istio(
        'AuthorizationPolicy',
        'edge',
        `${selector}\naction: DENY\nrules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }]`,
        'istio-system',
      ),
    );
    assert.deepEqual((await calling('shop.example')).slice(0, 2), [7, 'RBAC: access denied']);
    assert.equal((await calling('shop.example', { authorization: 'Bearer x' }))[0], 16);
    const client = edge('shop.example');
    const { code, echo } = await client.call({}, { headers: { authorization: `Bearer ${token}` } });
    client.close();
    assert.equal(code, 0);
    assert.match(echo?.instance ?? '', /^payment/);
    assert.equal(echo?.headers.authorization, `Bearer ${token}`);
  });
});

describe('what is reported', () => {
  it("spans join the caller's trace: outbound is the parent of inbound, inbound of the service", async () => {
    await live.rules(...PLATFORM, MODE('STRICT'));
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { echo } = await live
      .client('checkout-v1')
      .call({}, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
    while (spans.filter((each) => each.traceId === traceId).length < 2) await once(collector, 'spans');
    const own = spans.filter((each) => each.traceId === traceId);
    const outbound = own.find((each) => each.kind === 3);
    const inbound = own.find((each) => each.kind === 2);
    assert.equal(outbound?.parentSpanId, '00f067aa0ba902b7');
    assert.equal(inbound?.parentSpanId, outbound?.spanId);
    assert.equal(echo?.headers.traceparent, `00-${traceId}-${inbound?.spanId}-01`);
  });
  it('a trace that is not sampled stays so', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00';
    const { echo } = await live.client('checkout-v1').call({}, { headers: { traceparent } });
    assert.equal(echo?.headers.traceparent, traceparent);
  });
  it('an access log, where a Telemetry object asks for one', async () => {
    await live.rules(
      ...PLATFORM,
      MODE('STRICT'),
      istio('Telemetry', 'log', 'accessLogging: [{ providers: [{ name: envoy }] }]', 'istio-system'),
    );
    await live.client('checkout-v1').call({ code: 9 }, { headers: { 'x-request-id': 'r-1' } });
    await live.mesh.accessLog.flush();
    const lines = (await readFile(live.mesh.accessLog.path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const outbound = lines.find((line) => line.direction === 'outbound');
    assert.deepEqual(
      [outbound.grpc_status, outbound.path, outbound.request_id, outbound.response_flags],
      ['FAILED_PRECONDITION', '/test.v1.Echo/Unary', 'r-1', '-'],
    );
    assert.ok(lines.some((line) => line.direction === 'inbound'));
  });
});

describe('hosts outside the mesh', () => {
  it('are refused, unless a rule lets them out: then they are reached as they are', async () => {
    const outside = await startEcho('outside', '127.0.0.1:0');
    try {
      await live.rules(...PLATFORM, MODE('STRICT'));
      assert.equal((await live.client('checkout-v1', `127.0.0.1:${outside.port}`).call()).code, 14);
      await live.rules(
        ...PLATFORM,
        MODE('STRICT'),
        istio('Sidecar', 'default', 'outboundTrafficPolicy: { mode: ALLOW_ANY }'),
      );
      // Another name, because grpc-js would go on with the connection that it has.
      assert.equal((await live.client('checkout-v1', `localhost:${outside.port}`).call()).echo?.instance, 'outside');
      await live.rules(
        ...PLATFORM,
        MODE('STRICT'),
        istio(
          'ServiceEntry',
          'outside',
          `hosts: [outside.example]\nports: [{ number: 80, name: grpc, protocol: GRPC }]\nlocation: MESH_EXTERNAL\nresolution: STATIC\nendpoints: [{ address: 127.0.0.1, ports: { grpc: ${outside.port} } }]`,
        ),
      );
      const { echo } = await live.client('checkout-v1', 'outside.example:80').call();
      assert.deepEqual([echo?.instance, echo?.headers['x-forwarded-client-cert']], ['outside', undefined]);
    } finally {
      outside.kill();
    }
  });
});
