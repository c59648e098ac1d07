// Events from a transaction here to a transaction there: with it or not at all, in order, once in effect, whatever is killed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import pg from 'pg';
import { Registry } from 'prom-client';
import { systemClock } from '../clock/system-clock.ts';
import type { IncomingEvent } from '../context.ts';
import { openDatabase, type ServiceDatabase } from '../database/open-database.ts';
import { eventType, jsonCodec, keys, tables, writeDown } from '../testing/processes/event-process.ts';
import { quietLog } from '../testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Events, type EventUnit, type OpenEventsOptions, openEvents } from './events.ts';
import { PostgresEventLog } from './postgres/postgres-event-log.ts';

const fixture = fileURLToPath(new URL('../testing/processes/event-process.ts', import.meta.url));
const databases: TestDatabase[] = [];
const closing: (() => Promise<unknown>)[] = [];

async function emptyDatabase(label: string): Promise<string> {
  const database = await createTestDatabase(label);
  databases.push(database);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(tables);
  await client.end();
  return database.url;
}

async function openHere(
  url: string,
  eventLogUrl: string,
  manifest: OpenEventsOptions<unknown>['manifest'],
): Promise<{
  database: ServiceDatabase<unknown>;
  events: Events<unknown>;
  registry: Registry;
}> {
  const log = quietLog();
  const registry = new Registry();
  const database = await openDatabase({ url, service: manifest.name, migrations: undefined, log, clock: systemClock });
  const options = { manifest, database, eventLogUrl, codec: jsonCodec, log, clock: systemClock, registry };
  const events = await openEvents({ ...options, maxAttempts: 2, firstBackoffMs: 1 });
  closing.push(async () => {
    await events.stop();
    await database.close();
  });
  return { database, events, registry };
}

after(async () => {
  await Promise.all(closing.map((close) => close()));
  await Promise.all(databases.map((database) => database.drop()));
});

describe('events within a process', () => {
  let eventLogUrl = '';
  let publisher: Awaited<ReturnType<typeof openHere>>;
  before(async () => {
    eventLogUrl = await emptyDatabase('log');
    const manifest = { name: 'publisher', publishes: [eventType] as const };
    publisher = await openHere(await emptyDatabase('publisher'), eventLogUrl, manifest);
  });

  it('arrive when their transaction committed, and only then', async () => {
    const { database, events, registry } = await openHere(await emptyDatabase('consumer'), eventLogUrl, {
      name: 'atomic',
      consumes: [eventType],
    });
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    events.consume({
      handlers: {
        [eventType]: async (event, unit: EventUnit<unknown>) => {
          await writeDown(event, unit);
          if ((event.payload as unknown as { n: number }).n === 2) resolve();
        },
      },
      makeContext: (unit) => unit,
    });
    const publish = (n: number, fail: boolean): Promise<void> =>
      publisher.database.transaction(async (transaction) => {
        await publisher.events.publish(transaction, { type: eventType, key: 'one', payload: { n } as object });
        if (fail) throw new Error('rolled back');
      });
    await assert.rejects(publish(1, true), /rolled back/);
    await publish(2, false);
    await arrived;
    await events.stop();
    const { rows } = await sql`select key, n from seen`.execute(database.kysely);
    assert.deepEqual(rows, [{ key: 'one', n: 2 }]);
    assert.match(await registry.metrics(), /fairlead_events_handled_total\{[^}]*outcome="handled"\} 1/);
  });

  it('refuses to publish what the manifest does not declare', async () => {
    const undeclared = { type: 'fairlead.payment.v1.PaymentEvent', key: 'k', payload: {} } as const;
    await assert.rejects(
      publisher.database.transaction((transaction) => publisher.events.publish(transaction, undeclared)),
      /does not declare that it publishes fairlead\.payment\.v1\.PaymentEvent/,
    );
  });

  it('rebuild a read model from nothing, each event once', async () => {
    const { database, events } = await openHere(await emptyDatabase('rebuilt'), eventLogUrl, {
      name: 'rebuilt',
      consumes: [eventType],
    });
    const handlers = {
      [eventType]: (event: IncomingEvent, unit: EventUnit<unknown>): Promise<void> => writeDown(event, unit),
    };
    const rebuild = async (unit: EventUnit<unknown>): Promise<void> => {
      await sql`delete from seen`.execute(unit.db);
    };
    const read = async (): Promise<readonly unknown[]> =>
      (await sql`select key, n, count(*)::int as times from seen group by key, n order by key`.execute(database.kysely))
        .rows;
    // Events of different keys come in any order: all four are waited for, the one of the first test among them.
    const model = ['last', 'one', 'x', 'y'].map((key) => ({ key, n: key === 'one' ? 2 : 9, times: 1 }));
    const complete = async (): Promise<void> => {
      while (!isDeepStrictEqual(await read(), model)) await systemClock.sleep(20);
    };
    events.consume({ handlers, makeContext: (unit) => unit, rebuild });
    await publisher.database.transaction(async (transaction) => {
      for (const key of ['x', 'y', 'last']) {
        await publisher.events.publish(transaction, { type: eventType, key, payload: { n: 9 } as object });
      }
    });
    await complete();
    await events.stop();
    const eventLog = new PostgresEventLog({ url: eventLogUrl, name: 'command', log: quietLog(), clock: systemClock });
    closing.push(() => eventLog.close());
    await eventLog.rebuild('rebuilt');
    await sql`insert into seen (key, n) values ('wrong', 1)`.execute(database.kysely);
    const again = await openEvents({
      manifest: { name: 'rebuilt', consumes: [eventType] },
      database,
      eventLogUrl,
      codec: jsonCodec,
      log: quietLog(),
      clock: systemClock,
      registry: new Registry(),
    });
    closing.push(() => again.stop());
    again.consume({ handlers, makeContext: (unit) => unit, rebuild });
    await complete();
    await again.stop();
    assert.deepEqual(await read(), model);
  });
});

describe('events between processes that are killed', () => {
  it('take effect once and in the order of their key', async () => {
    const [logUrl, sentUrl, seenUrl] = await Promise.all(['log', 'sent', 'seen'].map(emptyDatabase));
    assert.ok(logUrl && sentUrl && seenUrl);
    const children = new Set<ChildProcess>();
    const startProcess = (role: string, url: string): { child: ChildProcess; lines: AsyncIterator<string> } => {
      const child = spawn(process.execPath, [fixture, role, url, logUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.add(child);
      return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
    };
    const kill = async ({ child }: { child: ChildProcess }): Promise<void> => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      children.delete(child);
    };
    const count = new pg.Client({ connectionString: seenUrl });
    await count.connect();
    const seenAtLeast = async (n: number): Promise<void> => {
      for (;;) {
        const { rows } = await count.query('select count(*)::int as n from seen');
        if (rows[0].n >= n) return;
        await systemClock.sleep(20);
      }
    };
    try {
      let publisher = startProcess('publish', sentUrl);
      let [first, second] = [startProcess('consume', seenUrl), startProcess('consume', seenUrl)];
      await seenAtLeast(50);
      await kill(first);
      first = startProcess('consume', seenUrl);
      await seenAtLeast(150);
      await kill(publisher);
      publisher = startProcess('publish', sentUrl);
      await seenAtLeast(250);
      await kill(second);
      second = startProcess('consume', seenUrl);
      await second.lines.next();
      await kill(publisher);

      // Whoever relays next finds what the killed one left in the outbox.
      const { database, events } = await openHere(sentUrl, logUrl, { name: 'publisher', publishes: [eventType] });
      const { rows: sent } = await sql<{ key: string; n: number }>`select key, n from sent order by n`.execute(
        database.kysely,
      );
      await seenAtLeast(sent.length);
      await kill(first);
      await kill(second);
      await events.stop();
      const { rows: seen } = await count.query('select key, n::int from seen order by place');
      const byKey = (rows: readonly { key: string; n: number }[], key: string): number[] =>
        rows.filter((row) => row.key === key).map((row) => row.n);
      for (const key of keys) assert.deepEqual(byKey(seen, key), byKey(sent, key), `events of key ${key}`);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await count.end();
    }
  });

  it('park an event that ends every process which handles it, and go on', async () => {
    const [logUrl, sentUrl, seenUrl] = await Promise.all(['log', 'sent', 'seen'].map(emptyDatabase));
    assert.ok(logUrl && sentUrl && seenUrl);
    const { database, events } = await openHere(sentUrl, logUrl, { name: 'publisher', publishes: [eventType] });
    await database.transaction(async (transaction) => {
      for (const n of [1, 2, 3, 4]) {
        await events.publish(transaction, { type: eventType, key: 'same', payload: { n } as object });
      }
    });
    const client = new pg.Client({ connectionString: seenUrl });
    await client.connect();
    const seen = async (): Promise<unknown[]> =>
      (await client.query('select n::int from seen order by place')).rows.map(({ n }) => n);
    let deaths = 0;
    for (let done = false; !done; ) {
      const child = spawn(process.execPath, [fixture, 'fragile', seenUrl, logUrl], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const died = once(child, 'exit');
      while (child.exitCode === null && !done) {
        await systemClock.sleep(20);
        done = (await seen()).length === 3;
      }
      if (!done) deaths++;
      child.kill('SIGKILL');
      await died;
    }
    assert.deepEqual(await seen(), [1, 2, 4]);
    assert.ok(deaths >= 3, `${deaths} processes died`);
    const eventLog = new PostgresEventLog({ url: logUrl, name: 'look', log: quietLog(), clock: systemClock });
    const [parked] = await eventLog.parked('consumer');
    assert.match(parked?.error ?? '', /the process ended \d+ times while it handled this event/);
    await eventLog.close();
    await client.end();
  });
});
