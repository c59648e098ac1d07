// Sagas end all done or all undone: declined, failing for a while, killed at every step, run by two replicas.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { v7 as uuid } from 'uuid';
import type { Application } from '../context.ts';
import { RpcError } from '../errors/rpc-error.ts';
import type { ServiceManifest } from '../manifest.ts';
import { openWorld, tripSaga } from '../testing/processes/saga-process.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { defineSaga } from './define-saga.ts';
import { openSagas } from './open-sagas.ts';
import type { Saga } from './saga.ts';

const databases: TestDatabase[] = [];
after(() => Promise.all(databases.map((database) => database.drop())));

async function freshUrl(): Promise<string> {
  const database = await createTestDatabase('saga');
  databases.push(database);
  return database.url;
}

async function start<S extends object>(
  application: Application,
  saga: Saga<ServiceManifest, S>,
  state: S,
): Promise<string> {
  const id = uuid();
  await application.transaction((unit) => saga.start(unit, id, state));
  return id;
}

async function effects(application: Application): Promise<readonly string[]> {
  const { rows } = await sql<{ what: string }>`select what from world order by what`.execute(application.db);
  return rows.map((row) => row.what);
}

async function endings(application: Application): Promise<readonly string[]> {
  const { rows } = await sql<{ text: string }>`select text from ending`.execute(application.db);
  return rows.map((row) => row.text);
}

const done = ['do flight', 'do hotel', 'do pay'];
const undone = ['do flight', 'do hotel', 'undo flight', 'undo hotel'];

describe('a saga', () => {
  it('does its steps in order, remembers what they give, and ends once', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const saga = tripSaga();
    const sagas = run(saga);
    const outcome = await saga.wait(application, await start(application, saga, { decline: false, booked: [] }));
    assert.deepEqual(outcome, { status: 'COMPLETED', state: { decline: false, booked: ['hotel', 'flight', 'pay'] } });
    assert.deepEqual(await effects(application), done);
    assert.deepEqual(await endings(application), ['completed']);
    await sagas.stop();
    await database.close();
  });

  it('undoes in reverse what was done before a refusal, and says why', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const places: string[] = [];
    const saga = tripSaga((place) => void places.push(place));
    const sagas = run(saga);
    const outcome = await saga.wait(application, await start(application, saga, { decline: true, booked: [] }));
    assert.equal(outcome.status, 'COMPENSATED');
    assert.deepEqual(outcome.status === 'COMPENSATED' && outcome.failure, {
      step: 'pay',
      code: 'FAILED_PRECONDITION',
      message: 'declined',
      reason: 'CARD_DECLINED',
    });
    assert.deepEqual(await effects(application), undone);
    assert.deepEqual(
      places.filter((place) => place.startsWith('before undo')),
      ['before undo flight', 'before undo hotel'],
    );
    assert.deepEqual(await endings(application), ['compensated CARD_DECLINED']);
    await sagas.stop();
    await database.close();
  });

  it('starts only with its transaction, and waits for nobody that is unknown', async () => {
    const { application, database } = await openWorld(await freshUrl());
    const saga = tripSaga();
    const id = uuid();
    const failing = application.transaction(async (unit) => {
      await saga.start(unit, id, { decline: false, booked: [] });
      throw new Error('rolled back');
    });
    await assert.rejects(failing, /rolled back/);
    await assert.rejects(saga.wait(application, id), { code: 'NOT_FOUND' });
    await database.close();
  });

  it('tries an ambiguous failure again under the same request id; given up, it undoes that step too', async () => {
    const { application, database } = await openWorld(await freshUrl());
    const calls: string[] = [];
    const ids = new Set<string>();
    const saga = defineSaga<ServiceManifest, { readonly n: number }>({
      name: 'shaky',
      steps: [
        {
          name: 'first',
          async run(_, { requestId }) {
            calls.push('first');
            ids.add(requestId);
            if (calls.length < 3) throw new RpcError('UNAVAILABLE', 'not now');
            return { n: 1 };
          },
          async compensate(_, { requestId }) {
            calls.push('undo first');
            assert.ok(!ids.has(requestId), 'undoing has a request id of its own');
            if (calls.filter((call) => call === 'undo first').length < 3) throw new Error('undoing fails for a while');
            return undefined;
          },
        },
        {
          name: 'second',
          attempts: 2,
          async run() {
            calls.push('second');
            throw new RpcError('DEADLINE_EXCEEDED', 'too slow');
          },
          async compensate() {
            calls.push('undo second');
            return undefined;
          },
        },
      ],
    });
    const registry = new Registry();
    const sagas = openSagas({ sagas: [saga], application, registry });
    const outcome = await saga.wait(application, await start(application, saga, { n: 0 }));
    assert.equal(outcome.status, 'COMPENSATED');
    assert.equal(ids.size, 1);
    const undoing = ['undo first', 'undo first', 'undo first'];
    assert.deepEqual(calls, ['first', 'first', 'first', 'second', 'second', 'undo second', ...undoing]);
    const metrics = await registry.metrics();
    assert.match(metrics, /fairlead_sagas_total\{saga="shaky",event="compensated"\} 1/);
    assert.match(
      metrics,
      /fairlead_saga_step_duration_seconds_count\{[^}]*step="first",direction="run",outcome="error"\} 2/,
    );
    await sagas.stop();
    await database.close();
  });

  it('ends the waiting with the call, while the saga goes on', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const gate = Promise.withResolvers<void>();
    const saga = tripSaga((place) => (place === 'before flight' ? gate.promise : undefined));
    const sagas = run(saga);
    const id = await start(application, saga, { decline: false, booked: [] });
    const call = new AbortController();
    const waiting = saga.wait({ ...application, signal: call.signal }, id);
    call.abort(new RpcError('DEADLINE_EXCEEDED', 'the call is over'));
    await assert.rejects(waiting, { code: 'DEADLINE_EXCEEDED' });
    gate.resolve();
    assert.equal((await saga.wait(application, id)).status, 'COMPLETED');
    await sagas.stop();
    await database.close();
  });

  it('is given back when its process stops, and goes on at once in the next', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const reached = Promise.withResolvers<void>();
    const stuck = tripSaga((place) => {
      if (place !== 'after flight') return undefined;
      reached.resolve();
      return new Promise(() => {});
    });
    const first = run(stuck);
    const id = await start(application, stuck, { decline: false, booked: [] });
    await reached.promise;
    await first.stop();
    const { rows } = await sql`select owner, step, attempt from fairlead.saga where id = ${id}`.execute(
      database.kysely,
    );
    assert.deepEqual(rows, [{ owner: null, step: 1, attempt: 0 }]);
    const second = run(tripSaga());
    assert.equal((await stuck.wait(application, id)).status, 'COMPLETED');
    assert.deepEqual(await effects(application), done);
    await second.stop();
    await database.close();
  });

  it('is not taken a second time by the process that runs it, when that stood still past its lease', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const places: string[] = [];
    const saga = tripSaga(async (place) => {
      places.push(place);
      if (place !== 'before flight') return;
      // Long enough for the runner to look for work twice; no heartbeat comes through meanwhile.
      for (let time = 0; time < 120; time++) {
        await sql`update fairlead.saga set lease_until = now() - interval '1 s'`.execute(application.db);
        await application.clock.sleep(20);
      }
    });
    const sagas = run(saga);
    const outcome = await saga.wait(application, await start(application, saga, { decline: false, booked: [] }));
    assert.equal(outcome.status, 'COMPLETED');
    assert.deepEqual(
      places,
      ['hotel', 'flight', 'pay'].flatMap((step) => [`before ${step}`, `after ${step}`]),
    );
    await sagas.stop();
    await database.close();
  });

  it('is run by one of two replicas', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const saga = tripSaga();
    const replicas = [run(saga), run(saga), run(saga)];
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => start(application, saga, { decline: false, booked: [] })),
    );
    await Promise.all(ids.map((id) => saga.wait(application, id)));
    const { rows } = await sql`select count(*) as n, max(times) as times from world`.execute(application.db);
    assert.deepEqual(rows, [{ n: 60, times: 1 }]);
    await Promise.all(replicas.map((replica) => replica.stop()));
    await database.close();
  });
});

describe('a completed saga that is reversed', () => {
  const reverse = (application: Application, saga: Saga, id: string) =>
    application.transaction((unit) => saga.reverse(unit, id));
  const finished = { decline: false, booked: [] };

  it('undoes every step in reverse, once, and ends without a failure', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const saga = tripSaga();
    const sagas = run(saga);
    const id = await start(application, saga, finished);
    await saga.wait(application, id);
    await Promise.all([1, 2, 3].map(() => reverse(application, saga as unknown as Saga, id)));
    const outcome = await saga.wait(application, id);
    assert.equal(outcome.status, 'COMPENSATED');
    assert.equal(outcome.status === 'COMPENSATED' && outcome.failure, undefined);
    assert.deepEqual(await effects(application), [...done, 'undo flight', 'undo hotel', 'undo pay']);
    assert.deepEqual(await endings(application), ['completed', 'compensated on request']);
    await reverse(application, saga as unknown as Saga, id);
    assert.equal((await saga.wait(application, id)).status, 'COMPENSATED');
    await assert.rejects(reverse(application, saga as unknown as Saga, uuid()), { code: 'NOT_FOUND' });
    await sagas.stop();
    await database.close();
  });

  it('completes first when it is still under way, also in another process', async () => {
    const { application, run, database } = await openWorld(await freshUrl());
    const reached = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const saga = tripSaga((place) => {
      if (place !== 'before flight') return undefined;
      reached.resolve();
      return gate.promise;
    });
    const sagas = run(saga);
    const id = await start(application, saga, finished);
    await reached.promise;
    await reverse(application, saga as unknown as Saga, id);
    gate.resolve();
    assert.equal((await saga.wait(application, id)).status, 'COMPENSATED');
    assert.deepEqual(await endings(application), ['completed', 'compensated on request']);
    await sagas.stop();
    await database.close();
  });

  it('stays completed when its last step cannot be undone; one that failed is undone around a step that may stay', async () => {
    const { application, database } = await openWorld(await freshUrl());
    const log: string[] = [];
    const refuse = async (): Promise<undefined> => {
      throw new RpcError('FAILED_PRECONDITION', 'it has left');
    };
    const saga = defineSaga<ServiceManifest, { readonly fails: boolean }>({
      name: 'parcel',
      steps: [
        { name: 'pay', run: async () => undefined, compensate: async () => void log.push('undo pay') as undefined },
        {
          name: 'send',
          attempts: 1,
          mayStay: true,
          async run({ fails }) {
            if (fails) throw new RpcError('UNAVAILABLE', 'the answer is lost');
            return async () => log.push('sent');
          },
          compensate: refuse,
        },
      ],
      kept: async () => void log.push('kept'),
    });
    const sagas = openSagas({ sagas: [saga], application, registry: new Registry() });
    const id = await start(application, saga, { fails: false });
    await saga.wait(application, id);
    await application.transaction((unit) => saga.reverse(unit, id));
    while (!log.includes('kept')) await application.clock.sleep(5);
    assert.equal((await saga.wait(application, id)).status, 'COMPLETED');
    const failed = await saga.wait(application, await start(application, saga, { fails: true }));
    assert.equal(failed.status === 'COMPENSATED' && failed.failure?.code, 'UNAVAILABLE');
    assert.deepEqual(log, ['sent', 'kept', 'undo pay']);
    await sagas.stop();
    await database.close();
  });
});

describe('a saga whose process is killed', () => {
  const fixture = fileURLToPath(new URL('../testing/processes/saga-process.ts', import.meta.url));
  const steps = ['hotel', 'flight', 'pay'];
  const forward = steps.flatMap((step) => [`before ${step}`, `after ${step}`]);
  const backward = ['flight', 'hotel'].flatMap((step) => [`before undo ${step}`, `after undo ${step}`]);

  async function killedAt(place: string, decline: boolean): Promise<void> {
    const url = await freshUrl();
    const { application, run, database } = await openWorld(url);
    const saga = tripSaga();
    const id = await start(application, saga, { decline, booked: [] });
    const child = spawn(process.execPath, [fixture, url, place], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const sagas = run(saga);
    const outcome = await saga.wait(application, id);
    assert.equal(outcome.status, decline ? 'COMPENSATED' : 'COMPLETED');
    assert.deepEqual(await effects(application), decline ? undone : done, place);
    assert.deepEqual(await endings(application), [decline ? 'compensated CARD_DECLINED' : 'completed']);
    await sagas.stop();
    await database.close();
  }

  it('is resumed at every step, each effect once', async () => {
    await Promise.all(forward.map((place) => killedAt(place, false)));
  });

  it('is undone at every step of undoing, each effect once', async () => {
    await Promise.all(['before pay', ...backward].map((place) => killedAt(place, true)));
  });
});
