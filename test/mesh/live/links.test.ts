// Between two sidecars of one process there is a real mTLS session; only what its streams carry does not go through it.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { Http2Connection } from '#transport';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { LiveMesh } from './live-mesh.ts';

const STRICT = istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system');
const ALLOW = (account: string): string =>
  istio(
    'AuthorizationPolicy',
    'payment',
    `selector: { matchLabels: { app: payment } }\nrules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/${account}] } }] }]`,
  );
const WORKLOADS = [{ service: 'checkout' }, { service: 'catalog' }, { service: 'payment' }];

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function mesh(linkSessions: boolean, ...manifests: string[]): Promise<LiveMesh> {
  const started = await LiveMesh.start({ manifests: [...PLATFORM, ...manifests], workloads: WORKLOADS, linkSessions });
  closers.push(() => started.close());
  return started;
}

/** The connection that a sidecar's calls to payment take. */
function session(from: LiveMesh, workload = 'checkout-v1'): Http2Connection {
  const clusters = [...(from.mesh.sidecars.get(workload)?.outbound.clusters.values() ?? [])];
  const found = clusters.find((each) => each.cluster.host.startsWith('payment'));
  const connection = found?.members()[0]?.client.pick();
  assert.ok(connection !== undefined);
  return connection;
}

function tlsSocket(connection: Http2Connection): TLSSocket {
  assert.ok(connection.socket instanceof TLSSocket);
  return connection.socket;
}

describe('a session between sidecars', () => {
  it('is mutual TLS 1.3 with both identities, and its ends are linked', async () => {
    const shop = await mesh(true, STRICT, ALLOW('checkout'));
    const { echo } = await shop.client('checkout-v1').call();
    const connection = session(shop);
    const ours = tlsSocket(connection);
    const theirs = tlsSocket(connection.linked as Http2Connection);
    assert.deepEqual([ours.authorized, theirs.authorized, ours.getProtocol()], [true, true, 'TLSv1.3']);
    assert.equal(ours.getPeerCertificate().subjectaltname, 'URI:spiffe://cluster.local/ns/shop/sa/payment');
    assert.equal(theirs.getPeerCertificate().subjectaltname, 'URI:spiffe://cluster.local/ns/shop/sa/checkout');
    const clientCert = echo?.headers['x-forwarded-client-cert'] ?? '';
    assert.match(clientCert, /URI=spiffe:\/\/cluster\.local\/ns\/shop\/sa\/checkout$/);
  });

  it('carries no octet of its calls while it is linked, and every one where the mesh is told so', async () => {
    for (const linkSessions of [true, false]) {
      const shop = await mesh(linkSessions, STRICT);
      const client = shop.client('checkout-v1');
      await client.call();
      const socket = tlsSocket(session(shop));
      const before = socket.bytesWritten;
      assert.equal((await client.call(Buffer.alloc(50_000))).code, 0);
      const written = socket.bytesWritten - before;
      assert.ok(linkSessions ? written === 0 : written > 50_000, `${written} octets written`);
    }
  });

  it('is one for each caller: policies see who it is', async () => {
    const shop = await mesh(true, STRICT, ALLOW('checkout'));
    assert.equal((await shop.client('checkout-v1').call()).code, 0);
    assert.equal((await shop.client('catalog-v1').call()).code, 7);
    assert.notEqual(session(shop), session(shop, 'catalog-v1'));
    assert.notEqual(session(shop).linked, session(shop, 'catalog-v1').linked);
  });

  it('is made anew with renewed certificates', async () => {
    const shop = await mesh(true, STRICT);
    const client = shop.client('checkout-v1');
    await client.call();
    const old = session(shop);
    const serial = tlsSocket(old).getPeerCertificate().serialNumber;
    await shop.mesh.rotateCertificates();
    while (session(shop) === old) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await client.call()).code, 0);
    const renewed = session(shop);
    assert.ok(renewed.linked !== undefined && renewed.linked !== old.linked);
    assert.notEqual(tlsSocket(renewed).getPeerCertificate().serialNumber, serial);
  });

  it('is not linked where there is no certificate to verify', async () => {
    const shop = await mesh(true, istio('PeerAuthentication', 'default', 'mtls: { mode: DISABLE }', 'istio-system'));
    assert.equal((await shop.client('checkout-v1').call()).code, 0);
    assert.equal(session(shop).linked, undefined);
  });

  it('bounds its request headers as a wire does', async () => {
    for (const linkSessions of [true, false]) {
      const big = 'x'.repeat(59_000);
      const route = istio(
        'VirtualService',
        'payment',
        `hosts: [payment]\nhttp: [{ headers: { request: { set: { x-more: ${'y'.repeat(3000)} } } }, route: [{ destination: { host: payment } }] }]`,
      );
      const shop = await mesh(linkSessions, STRICT, route);
      const outcome = await shop.client('checkout-v1').call({}, { headers: { 'x-big': big } });
      assert.equal(outcome.code, 13, `${outcome.message}`);
      assert.equal((await shop.client('checkout-v1').call()).code, 0);
    }
  });
});
