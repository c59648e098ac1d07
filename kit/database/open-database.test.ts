// The database as services meet it: migrations, transactions, values, and what is said of a server that is gone.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Generated, sql } from 'kysely';
import { systemClock } from '../clock/system-clock.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { quietLog } from '../testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { afterCommit } from './commit-hooks.ts';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { openDatabase, type ServiceDatabase } from './open-database.ts';

interface Tables {
  account: { id: Generated<number>; balance: number; openedAt: Date };
}

const folder = mkdtempSync(join(tmpdir(), 'fairlead-database-'));
const migrations = join(folder, 'migrations');
after(() => rmSync(folder, { recursive: true, force: true }));

function open(url: string, from: string | undefined = migrations): Promise<ServiceDatabase<Tables>> {
  return openDatabase<Tables>({ url, service: 'test', migrations: from, log: quietLog(), clock: systemClock });
}

describe('openDatabase', () => {
  let test: TestDatabase;
  before(async () => {
    mkdirSync(migrations);
    writeFileSync(
      join(migrations, '0001-account.sql'),
      'create table account (id bigint generated always as identity primary key, balance bigint not null);\n' +
        "alter table account add opened_at timestamptz not null default '2026-01-02T03:04:05.678Z';",
    );
    test = await createTestDatabase('database');
  });
  after(() => test.drop());

  it('applies migrations once when several processes open it at the same time', async () => {
    const opened = await Promise.all([open(test.url), open(test.url), open(test.url)]);
    const { rows } = await sql<{
      n: number;
    }>`select count(*) as n from fairlead.migration where scope = 'service'`.execute(opened[0].kysely);
    assert.deepEqual(rows, [{ n: 1 }]);
    await Promise.all(opened.map((database) => database.close()));
  });

  it('refuses a migration that was changed after it was applied, by name', async () => {
    const changed = join(folder, 'changed');
    mkdirSync(changed);
    writeFileSync(join(changed, '0001-account.sql'), 'create table account (other int)');
    await assert.rejects(open(test.url, changed), /0001-account\.sql was changed after it had been applied/);
  });

  it('leaves nothing of a migration that fails', async () => {
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, '0002-half.sql'), 'create table half (n int); select nonsense;');
    await assert.rejects(open(test.url, broken), /0002-half\.sql failed and left nothing behind/);
    const database = await open(test.url);
    const { rows } = await sql<{ there: string | null }>`select to_regclass('half') as there`.execute(database.kysely);
    assert.deepEqual(rows, [{ there: null }]);
    await database.close();
  });

  it('reads bigint as number and timestamps as Date, in rows named like messages', async () => {
    const database = await open(test.url);
    await sql`insert into account (balance) values (${2 ** 53 - 1})`.execute(database.kysely);
    const row = await database.kysely.selectFrom('account').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual(row, { id: 1, balance: 2 ** 53 - 1, openedAt: new Date('2026-01-02T03:04:05.678Z') });
    await assert.rejects(sql`select 9007199254740993::bigint as n`.execute(database.kysely), RangeError);
    await database.close();
  });

  it('streams rows through a cursor', async () => {
    const database = await open(test.url);
    await sql`insert into account (balance) select n from generate_series(1, 1000) n`.execute(database.kysely);
    let total = 0;
    for await (const row of database.kysely.selectFrom('account').select('balance').where('id', '>', 1).stream(100)) {
      total += row.balance;
    }
    assert.equal(total, 500_500);
    await database.close();
  });

  it('rolls back on an error, and runs commit hooks after commits only', async () => {
    const database = await open(test.url);
    const called: string[] = [];
    const before = await database.kysely.selectFrom('account').selectAll().execute();
    await assert.rejects(
      database.transaction(async (transaction) => {
        afterCommit(transaction, 'a', () => called.push('rolled back'));
        await transaction.deleteFrom('account').execute();
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal((await database.kysely.selectFrom('account').selectAll().execute()).length, before.length);
    await database.transaction(async (transaction) => {
      afterCommit(transaction, 'a', () => called.push('committed'));
    });
    assert.deepEqual(called, ['committed']);
    await database.close();
  });

  it('runs a transaction again after a deadlock, so that both sides commit', async () => {
    const database = await open(test.url);
    const add = (id: number): ReturnType<typeof sql> => sql`update account set balance = balance + 1 where id = ${id}`;
    await sql`update account set balance = 0 where id in (1, 2)`.execute(database.kysely);
    let bothHoldOne = (): void => {};
    const meeting = new Promise<void>((resolve) => {
      let here = 0;
      bothHoldOne = () => ++here === 2 && resolve();
    });
    const move = (first: number, second: number): Promise<unknown> =>
      database.transaction(async (transaction) => {
        await add(first).execute(transaction);
        bothHoldOne();
        await meeting;
        await add(second).execute(transaction);
      });
    await Promise.all([move(1, 2), move(2, 1)]);
    const rows = await database.kysely.selectFrom('account').select('balance').where('id', 'in', [1, 2]).execute();
    assert.deepEqual(rows, [{ balance: 2 }, { balance: 2 }]);
    await database.close();
  });
});

describe('a server that goes away', () => {
  it('makes the database unhealthy, its errors UNAVAILABLE, and all well again when it is back', async () => {
    const options = { folder: join(folder, 'server'), durable: false };
    const first = await startEmbeddedPostgres(options);
    const database = await open(first.url());
    const changes: boolean[] = [];
    let changed = (): void => {};
    database.onHealth((healthy) => {
      changes.push(healthy);
      changed();
    });
    const nextChange = (): Promise<void> => new Promise((resolve) => (changed = resolve));
    const gone = nextChange();
    await first.stop();
    await gone;
    assert.equal(database.healthy(), false);
    await assert.rejects(
      sql`select 1`.execute(database.kysely),
      (error) => RpcError.is(error) && error.code === 'UNAVAILABLE' && !/127\.0/.test(error.message),
    );
    const back = nextChange();
    const second = await startEmbeddedPostgres({ ...options, port: first.port });
    await back;
    assert.equal(database.healthy(), true);
    assert.deepEqual(changes, [false, true]);
    await sql`select 1`.execute(database.kysely);
    await database.close();
    await second.stop();
  });
});
