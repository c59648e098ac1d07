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
    const seen = new Set<string>();
    let look = (): void => {};
    const delivered = (text: string): Promise<void> =>
      new Promise((resolve) => {
        look = () => seen.has(text) && resolve();
        look();
      });
    log.subscribe({
      group: 'broken',
      types: ['test.broken.v1.Happened'],
      deliver: async ({ payload }) => {
        // What was handled just before the break may come once more.
        seen.add(payload.toString());
        look();
        return 'handled';
      },
      isOutage: () => false,
      observer: { handled: () => {}, lag: () => {} },
    });
    await log.append([record('before')]);
    await delivered('before');
    const admin = new pg.Client({ connectionString: shared.url });
    await admin.connect();
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test events' and datname = current_database()",
    );
    await admin.end();
    const last = record('after');
    for (let appended = false; !appended; await systemClock.sleep(10)) {
      appended = await log.append([last]).then(
        () => true,
        () => false,
      );
    }
    await delivered('after');
    assert.deepEqual([...seen], ['before', 'after']);
    await log.close();
  });
});
