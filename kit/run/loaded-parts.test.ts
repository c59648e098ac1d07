// What a process loads: the large libraries only where the configuration asks for them, because each costs tens of MB.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const program = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*node_modules)/.exec(url)?.[1];
    if (name !== undefined) loaded.add(name);
    return next(url, context);
  },
});
const { createTelemetry } = await import('#kit/telemetry/telemetry.ts');
await import('#kit/run/start-service.ts');
await import('./services/gateway/service.ts');
await import('./services/catalog/service.ts');
const [otlpEndpoint] = process.argv.slice(1);
const options = { service: 's', version: 'v1', logLevel: 'silent', sampleRatio: 0, processMetrics: false };
await (await createTelemetry({ ...options, otlpEndpoint })).shutdown();
process.stdout.write(JSON.stringify([...loaded]));
`;

async function loaded(...args: readonly string[]): Promise<readonly string[]> {
  const cwd = new URL('../../', import.meta.url);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program, '--', ...args], { cwd });
  return JSON.parse(stdout) as string[];
}

const large = (name: string): boolean => name.startsWith('@opentelemetry/sdk-') || name === '@kubernetes/client-node';

test('a service without a collector loads neither the OpenTelemetry SDK nor the Kubernetes client', async () => {
  const names = await loaded();
  assert.ok(names.includes('prom-client') && names.includes('fastify'), names.join());
  assert.deepEqual(names.filter(large), []);
});

test('a collector brings the SDK', async () => {
  const names = (await loaded('http://127.0.0.1:1')).filter(large);
  assert.ok(names.includes('@opentelemetry/sdk-node') && !names.includes('@kubernetes/client-node'), names.join());
});
