import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from './main.ts';

const SHOP = fileURLToPath(new URL('../testing/fixtures/shop', import.meta.url));

const INFRA = fileURLToPath(new URL('../../infra', import.meta.url));

async function run(...words: string[]): Promise<{ code: number; text: string; errors: string }> {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await main(words, {
    line: (text = '') => void lines.push(text),
    json: (value) => void lines.push(JSON.stringify(value)),
    error: (text) => void errors.push(text),
  });
  return { code, text: lines.join('\n'), errors: errors.join('\n') };
}

describe('mesh explain', () => {
  it('says of each field what becomes of it, and why', async () => {
    const { code, text } = await run('explain', '--manifests', SHOP);
    assert.equal(code, 0);
    assert.match(text, /VirtualService shop\/payment .*shop\.yaml:\d+/);
    assert.match(text, /applied: .*http\.retries\.perTryTimeout/);
    assert.match(text, /not applied: trafficPolicy\.connectionPool\.tcp\.tcpKeepalive \(.*shop\.yaml:\d+\): \w+/);
  });
  it('speaks of one service when it is named', async () => {
    const { text } = await run('explain', 'checkout', '--manifests', SHOP);
    assert.match(text, /deny-by-default/);
    assert.doesNotMatch(text, /DestinationRule/);
  });
  it('counts the Gateway among the rules of a service that it leads to', async () => {
    assert.match((await run('explain', 'gateway', '--manifests', INFRA)).text, /^Gateway fairlead\/gateway/m);
    assert.doesNotMatch((await run('explain', 'order', '--manifests', INFRA)).text, /^Gateway /m);
  });
  it('gives JSON', async () => {
    const { text } = await run('explain', '--manifests', SHOP, '--json');
    assert.ok(JSON.parse(text).rules.length >= 5);
  });
  it('refuses manifests that are not valid, with file, line and field', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mesh-cli-'));
    try {
      await writeFile(
        join(folder, 'bad.yaml'),
        'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: a }\nspec: { hosts: a }\n',
      );
      const { code, errors } = await run('explain', '--manifests', folder);
      assert.equal(code, 1);
      assert.match(errors, /bad\.yaml:4: error: VirtualService default\/a: spec\.hosts: must be a list/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('mesh route', () => {
  it('says where a call goes, and which rule decided', async () => {
    const { text } = await run(
      'route',
      '--from',
      'checkout',
      '--to',
      'payment',
      '--method',
      'Charge',
      '--header',
      'x-version=v2',
      '--manifests',
      SHOP,
    );
    assert.match(text, /decided by\s+VirtualService shop\/payment, canary-by-header \(.*shop\.yaml:\d+\)/);
    assert.match(text, /goes to\s+payment\.shop\.svc\.cluster\.local:50051 subset v2, 100 %/);
    assert.match(text, /let in\s+yes: ALLOW policy shop\/payment .*STRICT mTLS/);
    assert.match(text, /attempts\s+at most 1: no retries/);
  });
  it('gives JSON', async () => {
    const { text } = await run(
      'route',
      '--from',
      'checkout',
      '--to',
      'payment',
      '--method',
      'GetStatus',
      '--manifests',
      SHOP,
      '--json',
    );
    const answer = JSON.parse(text);
    assert.equal(answer.attempts, 3);
    assert.equal(answer.decidedBy.route, 'status');
  });
  it('follows a request from outside, to the policies of the service behind the edge', async () => {
    const ask = (...more: string[]) => run('route', '--from', 'ingress', '--manifests', INFRA, ...more);
    const { text } = await ask('--path', '/api/v2/orders', '--http', 'post');
    assert.match(text, /decided by\s+VirtualService fairlead\/gateway, weighted-rest \(.*gateway\.yaml:\d+\)/);
    assert.match(text, /goes to\s+gateway\.fairlead\.svc\.cluster\.local:8080 subset v1, 100 %/);
    assert.match(text, /let in\s+yes: ALLOW policy fairlead\/gateway .*STRICT mTLS/);
    assert.match((await ask('--path', '/metrics')).text, /let in\s+no, 403: no rule/);
    assert.equal(JSON.parse((await ask('--path', '/', '--json')).text).allowed, true);
    assert.match((await run('route', '--from', 'order', '--path', '/')).errors, /write --from ingress/);
    assert.match((await ask('--path', 'orders')).errors, /must begin with a slash/);
  });
  it('is told what is missing', async () => {
    const { code, errors } = await run('route', '--from', 'checkout');
    assert.equal(code, 2);
    assert.match(errors, /--to is missing/);
  });
});

describe('help', () => {
  it('lists the commands, and each has its own', async () => {
    assert.match((await run('help')).text, /explain/);
    assert.match((await run('route', '--help')).text, /--header name=value/);
    assert.equal((await run('nonsense')).code, 2);
  });
});
