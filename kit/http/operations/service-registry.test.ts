import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import 'reflect-metadata';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { calls, defineService } from '../../manifest.ts';
import { declaredServices } from './declared-services.ts';
import { createServiceRegistry } from './service-registry.ts';

const payment = defineService({
  name: 'payment',
  contract: 'fairlead.payment.v1.PaymentService',
  description: 'Takes money.',
  versions: ['v1', 'v2'],
});
const gateway = defineService({
  name: 'gateway',
  description: 'The edge.',
  calls: { user: calls('fairlead.user.v1.UserService', ['GetUser']) },
});
const names = { namespace: 'shop', domain: 'cluster.invalid', declared: async () => [payment, gateway] };

const lists: Record<string, unknown> = {
  '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices': {
    items: [
      {
        metadata: { labels: { 'kubernetes.io/service-name': 'payment' } },
        ports: [{ name: 'grpc', port: 50051 }],
        endpoints: [
          { addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'payment-v1-a' } },
          { addresses: ['10.0.0.2'], conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'payment-v2-b' } },
        ],
      },
      {
        metadata: { labels: { 'kubernetes.io/service-name': 'payment' } },
        ports: null,
        endpoints: [{ addresses: ['10.0.0.3'] }],
      },
    ],
  },
  '/api/v1/namespaces/shop/pods': {
    items: [
      { metadata: { name: 'payment-v1-a', labels: { version: 'v1' } } },
      { metadata: { name: 'payment-v2-b', labels: { version: 'v2' } } },
    ],
  },
};

let folder: string;
let api: Server;
let authorization: string | undefined;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-registry-'));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=127.0.0.1',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const cert = certificate.toString('pem');
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  await writeFile(join(folder, 'ca.crt'), cert);
  await writeFile(join(folder, 'token'), 'a-service-account\n');
  api = createServer({ cert, key }, (request, response) => {
    authorization = request.headers.authorization;
    const list = lists[request.url ?? ''];
    const status = list === undefined ? 403 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(list ?? {}));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  api.close();
  await rm(folder, { recursive: true });
});

const access = () => ({ host: '127.0.0.1', port: String((api.address() as AddressInfo).port), folder });

test('in a cluster endpoints and their versions come from the Kubernetes API', async () => {
  const { source, services } = await createServiceRegistry({ ...names, kubernetes: access() })();
  assert.equal(source, 'kubernetes');
  assert.equal(authorization, 'Bearer a-service-account');
  assert.deepEqual(services[0], {
    name: 'payment',
    description: 'Takes money.',
    contract: 'fairlead.payment.v1.PaymentService',
    address: 'payment.shop.svc.cluster.invalid:50051',
    versions: ['v1', 'v2'],
    calls: [],
    endpoints: [
      { address: '10.0.0.1:50051', ready: true, version: 'v1', pod: 'payment-v1-a' },
      { address: '10.0.0.2:50051', ready: false, version: 'v2', pod: 'payment-v2-b' },
      { address: '10.0.0.3:50051', ready: true },
    ],
  });
  assert.deepEqual([services[1]?.address, services[1]?.calls, services[1]?.endpoints], ['', ['user'], []]);
});

test('a service whose manifest is not in the image is shown as Kubernetes and its callers know it', async () => {
  const caller = defineService({
    name: 'gateway',
    description: 'The edge.',
    calls: { payment: calls('fairlead.payment.v1.PaymentService', ['GetPayment']) },
  });
  const registry = createServiceRegistry({ ...names, declared: async () => [caller], kubernetes: access() });
  const payments = (await registry()).services.find(({ name }) => name === 'payment');
  assert.equal(payments?.contract, 'fairlead.payment.v1.PaymentService');
  assert.equal(payments?.address, 'payment.shop.svc.cluster.invalid:50051');
  assert.deepEqual(payments?.versions, ['v1', 'v2']);
  assert.equal(payments?.endpoints.length, 3);
});

test('an API that refuses is an error that says so', async () => {
  const registry = createServiceRegistry({ ...names, namespace: 'other', kubernetes: access() });
  await assert.rejects(registry(), /namespaces\/other\/\w+ with 403/);
});

test('outside of a cluster the declared services are there, with what DNS knows', async () => {
  const { source, services } = await createServiceRegistry({ ...names, declared: () => declaredServices() })();
  assert.equal(source, 'dns');
  assert.ok(services.some(({ name }) => name === 'gateway') && services.some(({ name }) => name === 'payment'));
  assert.deepEqual(
    services.flatMap(({ endpoints }) => endpoints),
    [],
  );
});
