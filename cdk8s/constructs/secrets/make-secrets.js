// Makes the Secrets of a release that are not there yet: passwords, database URLs, the key that signs access tokens.
// Runs in the cluster as a Job, so that no secret stands in a chart, a values file or a shell history; never overwrites one.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const plan = JSON.parse(readFileSync(process.env.PLAN, 'utf8'));
const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
const token = readFileSync(`${process.env.TOKEN_FOLDER ?? folder}/token`, 'utf8');
const ca = readFileSync(`${process.env.TOKEN_FOLDER ?? folder}/ca.crt`);

/** Answers the status of one call to the API server. */
function call(method, path, body) {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  const headers = { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, ca, headers, timeout: 10_000 }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('timeout', () => sent.destroy(new Error('the API server does not answer')));
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Values of one planned secret. */
function make({ kind, name, host, variable }) {
  if (kind === 'password') return { password: randomBytes(24).toString('hex') };
  if (kind === 'database') {
    const password = randomBytes(24).toString('hex');
    return { password, url: `postgres://${name}:${password}@${host}/${name}` };
  }
  const { privateKey } = generateKeyPairSync('ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  return { [variable]: privateKey };
}

for (const entry of plan.secrets) {
  const stringData = make(entry);
  const metadata = { name: entry.secret, labels: plan.labels };
  const body = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData };
  const { status, text } = await call('POST', `/api/v1/namespaces/${plan.namespace}/secrets`, body);
  if (status === 409) process.stdout.write(`${entry.secret}: kept\n`);
  else if (status === 201) process.stdout.write(`${entry.secret}: made\n`);
  else throw new Error(`${entry.secret}: the API server answered ${status}: ${text}`);
}
