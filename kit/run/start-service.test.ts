// A service from its start to its end: what it refuses to start with, what it says of itself, how it drains.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CallScope } from '../calls/call-scope.ts';
import { clientClass } from '../client/client-class.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ContractName } from '../contract/shapes.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { defineService, variable } from '../manifest.ts';
import { echoContract, echoContracts, type Loose } from '../server/fixtures/echo-server.ts';
import { implement, type Service } from '../service.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { loadTransportUnderTest, transportUnderTest } from '../testing/transport-under-test.ts';
import { type RunningService, type StartOptions, startService } from './start-service.ts';

const manifest = defineService({
  name: 'echo',
  description: 'Says what it hears.',
  contract: 'fixtures.echo.v1.EchoService' as ContractName,
  config: { GREETING: variable.string({ description: 'How it greets.', example: 'hello' }) },
});

const anything = new Proxy({}, { get: () => async () => ({}) });

function echo(handlers: object, hooks: object = {}): Service {
  return implement(
    manifest,
    Object.assign(Object.create(anything) as never, handlers),
    hooks as never,
  ) as unknown as Service;
}

const env = {
  FAIRLEAD_LISTEN: '127.0.0.1:0',
  FAIRLEAD_ADMIN_LISTEN: '127.0.0.1:0',
  FAIRLEAD_TRANSPORT: transportUnderTest,
  GREETING: 'hi',
  LOG_LEVEL: 'silent',
};
const options: StartOptions = { env, contracts: echoContracts, stdout: { write: () => true } };

async function connect(address: string): Promise<{ client: Loose; close(): void }> {
  const { client: recorder } = await createTelemetry({
    service: 't',
    version: 'v1',
    logLevel: 'silent',
    sampleRatio: 0,
    processMetrics: false,
  });
  const { openChannel } = await loadTransportUnderTest();
  const channel = openChannel(address, { userAgent: 'test', proxy: false });
  const methods = echoContract.methods.map(({ rpc }) => rpc);
  const Client = clientClass(echoContract, methods, { channel, recorder, forward: () => {} });
  return {
    client: new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined)),
    close: () => channel.close(),
  };
}

async function readiness(adminAddress: string): Promise<number> {
  const response = await fetch(`http://${adminAddress}/readyz`);
  await response.arrayBuffer();
  return response.status;
}

function codeOf(error: unknown): string {
  return RpcError.is(error) ? error.code : String(error);
}

describe('startService', () => {
  it('names every variable that is missing or bad before it opens anything', async () => {
    const bad = { ...env, GREETING: '', LOG_LEVEL: 'loud' };
    await assert.rejects(startService(echo({}), { ...options, env: bad }), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /GREETING is missing/);
      assert.match(error.message, /LOG_LEVEL/);
      return true;
    });
  });

  it('answers probes but no calls until it has started, and gives handlers their context', async () => {
    const starting = Promise.withResolvers<void>();
    const inStart = Promise.withResolvers<RunningService['application']>();
    const seen: Loose = {};
    const service = echo(
      {
        say: async (_request: Loose, context: Loose) => {
          const { requestId, version, config, caller, remaining, user, changes } = context;
          Object.assign(seen, { requestId, version, greeting: config.GREETING, caller, left: remaining() });
          assert.throws(user, { code: 'UNAUTHENTICATED' });
          assert.throws(() => changes('topic'), /declares no database/);
          return {};
        },
      },
      {
        start: async (application: RunningService['application']) => {
          inStart.resolve(application);
          await starting.promise;
        },
        admin: { '/keys.json': async () => ({ keys: [] }) },
      },
    );
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-run-'));
    const address = `unix:${folder}/echo.sock`;
    const admin = `unix:${folder}/admin.sock`;
    const pending = startService(service, {
      ...options,
      env: { ...env, FAIRLEAD_LISTEN: address, FAIRLEAD_ADMIN_LISTEN: admin },
    });
    await inStart.promise;
    const { client, close } = await connect(address);
    await assert.rejects(client.say({}), (error) => codeOf(error) === 'UNAVAILABLE');
    starting.resolve();
    const running = await pending;
    assert.equal(running.ready(), true);
    await client.say({}, { timeout: '4s' });
    assert.match(seen.requestId, /^[0-9a-f-]{36}$/);
    assert.deepEqual([seen.version, seen.greeting, seen.caller], ['v1', 'hi', {}]);
    assert.ok(seen.left > 0 && seen.left <= 4000);
    close();
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  it('serves metrics, probes and its own admin paths', async () => {
    const running = await startService(echo({}, { admin: { '/keys.json': async () => ({ keys: ['k'] }) } }), options);
    const get = async (path: string, method = 'GET'): Promise<string> => {
      const response = await fetch(`http://${running.adminAddress}${path}`, { method });
      return `${response.status} ${await response.text()}`;
    };
    assert.equal(await get('/livez'), '200 ok\n');
    assert.equal(await get('/readyz'), '200 ok\n');
    assert.equal(await get('/keys.json'), '200 {"keys":["k"]}');
    assert.match(await get('/metrics'), /^200 # HELP/);
    assert.match(await get('/nothing'), /^404/);
    assert.match(await get('/metrics', 'POST'), /^405/);
    await running.stop();
  });

  it('drains: says so, finishes what is in flight, takes nothing new, ends streams', async () => {
    const [arrived, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const service = echo({
      say: async () => {
        arrived.resolve();
        await release.promise;
        return { note: 'done' };
      },
      count: async function* (_request: Loose, { signal }: Loose) {
        yield { number: 1 };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const running = await startService(service, options);
    const { client, close } = await connect(running.address);
    const call = client.say({});
    const stream = client.count({});
    await stream.next();
    await arrived.promise;
    const stopped = running.stop();
    assert.equal(running.application.signal.aborted, true);
    assert.equal(await readiness(running.adminAddress), 503);
    release.resolve();
    assert.equal((await call).note, 'done');
    await assert.rejects(stream.next(), (error) => codeOf(error) === 'UNAVAILABLE');
    await stopped;
    await assert.rejects(client.say({}), (error) => codeOf(error) === 'UNAVAILABLE');
    await assert.rejects(fetch(`http://${running.adminAddress}/livez`));
    close();
  });

  it('leaves nothing open when its start fails', async () => {
    const failing = echo({}, { start: () => Promise.reject(new Error('no seed data')) });
    const first = await startService(echo({}), options);
    const taken = first.adminAddress;
    await first.stop();
    const fixed = { ...options, env: { ...env, FAIRLEAD_ADMIN_LISTEN: taken } };
    await assert.rejects(startService(failing, fixed), /no seed data/);
    const again = await startService(echo({}), fixed);
    await again.stop();
  });

  it('says which address it could not take', async () => {
    const first = await startService(echo({}), options);
    const taken = { ...options, env: { ...env, FAIRLEAD_LISTEN: first.address } };
    await assert.rejects(startService(echo({}), taken), /cannot listen on 127\.0\.0\.1:\d+; check FAIRLEAD_LISTEN/);
    await first.stop();
  });

  it('refuses to serve a contract with a method that nobody handles', async () => {
    const service = implement(manifest, { say: async () => ({}) } as never) as unknown as Service;
    await assert.rejects(startService(service, options), /has no handler 'count'/);
  });
});
