// The PostgreSQL event log against the contract of all event logs, and what is its own: connections that break.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { systemClock } from '../../clock/system-clock.ts';
import { eventLogContract } from '../../testing/event-log-contract.ts';
import { quietLog } from '../../testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

let shared: TestDatabase;
before(async () => {
  shared = await createTestDatabase('event_log');
});
after(() => shared.drop());

async function open(): Promise<PostgresEventLog> {
  const log = new PostgresEventLog({ url: shared.url, name: 'test', log: quietLog(), clock: systemClock });
  // Resolves once it is connected.
  await log.parked('nobody');
  return log;
}

eventLogContract('PostgreSQL', open);

describe('a broken connection to the log', () => {
  it('is made again, and the group goes on where it was', async () => {
    const log = await open();
    const record = (text: string): Parameters<PostgresEventLog['append']>[0][number] => ({
      id: uuid(),
      type: 'test.broken.v1.Happened',
      key: 'k',
      payload: Buffer.from(text),
      occurredAt: new Date(),
    });
    const seen: string[] = [];
    let arrived = (): void => {};
    const next = (): Promise<void> => new Promise((resolve) => (arrived = resolve));
    log.subscribe({
      group: 'broken',
      types: ['test.broken.v1.Happened'],
      deliver: async ({ payload }) => {
        seen.push(payload.toString());
        arrived();
        return 'handled';
      },
      isOutage: () => false,
      observer: { handled: () => {}, lag: () => {} },
    });
    const first = next();
    await log.append([record('before')]);
    await first;
    const admin = new pg.Client({ connectionString: shared.url });
    await admin.connect();
    const second = next();
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test events'");
    for (let appended = false; !appended; ) {
      await log.append([record('after')]).then(
        () => (appended = true),
        () => log.parked('nobody'),
      );
    }
    await second;
    assert.equal(seen.at(-1), 'after');
    await admin.end();
    await log.close();
  });
});
