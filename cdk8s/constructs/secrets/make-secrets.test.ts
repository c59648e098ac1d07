// The Job's script against an API server: it makes what is missing, keeps what is there, and shows nothing.
// The server is a stand-in with the API's status codes; certificate and token are read as in a pod.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

interface SecretBody {
  readonly metadata: { readonly name: string };
  readonly stringData: Readonly<Record<string, string>>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const certificate = await X509CertificateGenerator.createSelfSigned(
  {
    name: 'CN=127.0.0.1',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  },
  webcrypto as unknown as Parameters<typeof X509CertificateGenerator.createSelfSigned>[1],
);
const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });

const made = new Map<string, SecretBody>();
const tokens = new Set<string | undefined>();
const server = createServer({ key, cert: certificate.toString('pem') }, async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  tokens.add(request.headers.authorization);
  assert.equal(request.url, '/api/v1/namespaces/shop/secrets');
  const body = JSON.parse(Buffer.concat(chunks).toString()) as SecretBody;
  const there = made.has(body.metadata.name);
  if (!there) made.set(body.metadata.name, body);
  response.writeHead(there ? 409 : 201).end('{}');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const folder = mkdtempSync(join(tmpdir(), 'make-secrets-'));
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
writeFileSync(join(folder, 'token'), 'a-token\n');
writeFileSync(join(folder, 'ca.crt'), certificate.toString('pem'));
const secrets = [
  { kind: 'password', secret: 'postgres-admin' },
  { kind: 'database', secret: 'order-database', name: 'order', host: 'postgres.shop.svc.cluster.local:5432' },
  { kind: 'ed25519-private-key', secret: 'user-config', variable: 'SIGNING_KEY' },
];
writeFileSync(join(folder, 'plan.json'), JSON.stringify({ namespace: 'shop', labels: {}, secrets }));

async function run(): Promise<string> {
  const script = fileURLToPath(new URL('make-secrets.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: {
      PLAN: join(folder, 'plan.json'),
      TOKEN_FOLDER: folder,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
    },
  });
  return stdout;
}

test('makes what is missing, each value at random, and prints none of them', async () => {
  const output = await run();
  assert.deepEqual(output.trim().split('\n'), ['postgres-admin: made', 'order-database: made', 'user-config: made']);
  assert.deepEqual([...tokens], ['Bearer a-token']);
  const { password = '', url } = made.get('order-database')?.stringData ?? {};
  assert.match(password, /^[0-9a-f]{48}$/);
  assert.equal(url, `postgres://order:${password}@postgres.shop.svc.cluster.local:5432/order`);
  assert.notEqual(made.get('postgres-admin')?.stringData.password, password);
  const signing = createPrivateKey(made.get('user-config')?.stringData.SIGNING_KEY ?? '');
  assert.equal(signing.asymmetricKeyType, 'ed25519');
  assert.doesNotMatch(output, /[0-9a-f]{16}|PRIVATE/);
});

test('keeps what is there', async () => {
  await run();
  const before = new Map(made);
  assert.deepEqual((await run()).trim().split('\n'), [
    'postgres-admin: kept',
    'order-database: kept',
    'user-config: kept',
  ]);
  assert.deepEqual(made, before);
});
