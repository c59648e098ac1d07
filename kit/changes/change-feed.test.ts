// The change feed on a real server: what is heard, when, and what happens when the connection is lost.
// Each test waits for what it expects; nothing here depends on how fast it comes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { systemClock } from '../clock/system-clock.ts';
import { quietLog } from '../testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { announceChange, ChangeFeed } from './change-feed.ts';

let test: TestDatabase;
let db: Kysely<unknown>;
const open = (): ChangeFeed => new ChangeFeed({ url: test.url, service: 'test', clock: systemClock, log: quietLog() });

describe('ChangeFeed', () => {
  before(async () => {
    test = await createTestDatabase('changes');
    db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: test.url }) }) });
  });
  after(async () => {
    await db.destroy();
    await test.drop();
  });

  it('yields at once, then at changes of its topic, in every process that listens', async () => {
    const feeds = [open(), open()];
    const signal = new AbortController();
    const readers = feeds.map((feed) => feed.changes('order/1', signal.signal));
    for (const reader of readers) assert.equal((await reader.next()).done, false);
    const next = readers.map((reader) => reader.next());
    await announceChange(db, 'order/1');
    for (const result of await Promise.all(next)) assert.equal(result.done, false);
    await Promise.all(feeds.map((feed) => feed.close()));
  });

  it('says nothing of other topics, nor before the commit, nor after a rollback', async () => {
    const feed = open();
    const reader = feed.changes('order/2', new AbortController().signal);
    await reader.next();
    let told = false;
    const next = reader.next().then(() => {
      told = true;
    });
    await announceChange(db, 'order/3');
    await assert.rejects(
      db.transaction().execute(async (transaction) => {
        await announceChange(transaction, 'order/2');
        throw new Error('rolled back');
      }),
    );
    const other = feed.changes('order/other', new AbortController().signal);
    await other.next();
    const heard = other.next();
    await db.transaction().execute(async (transaction) => {
      await announceChange(transaction, 'order/2');
      await announceChange(db, 'order/other');
      // Notifications arrive in the order of commits: had the others been heard, they would have been before this one.
      await heard;
      assert.equal(told, false);
    });
    await next;
    assert.equal(told, true);
    await feed.close();
  });

  it('makes one of changes that come while the reader is busy', async () => {
    const feed = open();
    const reader = feed.changes('order/4', new AbortController().signal);
    const marker = feed.changes('marker', new AbortController().signal);
    await reader.next();
    await marker.next();
    for (let n = 0; n < 5; n++) await announceChange(db, 'order/4');
    const heard = marker.next();
    await announceChange(db, 'marker');
    await heard;
    assert.equal((await reader.next()).done, false);
    const end = reader.next();
    await feed.close();
    assert.equal((await end).done, true);
  });

  it('ends when its signal is aborted, before or while it waits', async () => {
    const feed = open();
    assert.equal((await feed.changes('x', AbortSignal.abort()).next()).done, true);
    const abort = new AbortController();
    const reader = feed.changes('x', abort.signal);
    await reader.next();
    const end = reader.next();
    abort.abort();
    assert.equal((await end).done, true);
    await feed.close();
  });

  it('connects again after a lost connection, and yields because changes may have been missed', async () => {
    const feed = open();
    const reader = feed.changes('order/5', new AbortController().signal);
    await reader.next();
    const again = reader.next();
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'test changes' and datname = current_database()`.execute(db);
    assert.equal((await again).done, false);
    const next = reader.next();
    await announceChange(db, 'order/5');
    assert.equal((await next).done, false);
    await feed.close();
  });
});
