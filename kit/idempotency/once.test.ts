// A request id does its work once: repeated, at the same time, after an error, with another body.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Kysely, sql, type Transaction } from 'kysely';
import { systemClock } from '../clock/system-clock.ts';
import { openDatabase, type ServiceDatabase } from '../database/open-database.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { quietLog } from '../testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type OnceKey, once } from './once.ts';

interface Tables {
  charge: { request: string };
}

const codec = {
  encode: (response: { n: number }) => Buffer.from(JSON.stringify(response)),
  decode: (bytes: Uint8Array): { n: number } => JSON.parse(Buffer.from(bytes).toString()),
};

describe('once', () => {
  let test: TestDatabase;
  let database: ServiceDatabase<Tables>;
  before(async () => {
    test = await createTestDatabase('once');
    database = await openDatabase({
      url: test.url,
      service: 'test',
      migrations: undefined,
      log: quietLog(),
      clock: systemClock,
    });
    await sql`create table charge (request text)`.execute(database.kysely);
  });
  after(async () => {
    await database.close();
    await test.drop();
  });

  function key(requestId: string, body = 'body', principal = 'user'): OnceKey {
    return { principal, method: '/test/Charge', requestId, request: Buffer.from(body) };
  }
  async function charges(db: Kysely<Tables>, request: string): Promise<number> {
    return (await db.selectFrom('charge').selectAll().where('request', '=', request).execute()).length;
  }
  const charge =
    (request: string) =>
    async (transaction: Transaction<Tables>): Promise<{ n: number }> => {
      await transaction.insertInto('charge').values({ request }).execute();
      return { n: await charges(transaction, request) };
    };

  it('works once for 20 equal requests at the same time, and answers all alike', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => once(database, key('r1'), codec, charge('r1'))));
    assert.deepEqual(new Set(answers.map((answer) => answer.n)), new Set([1]));
    assert.equal(await charges(database.kysely, 'r1'), 1);
  });

  it('refuses another request under a known id', async () => {
    await assert.rejects(
      once(database, key('r1', 'other body'), codec, charge('r1')),
      (error) => RpcError.is(error) && error.code === 'ALREADY_EXISTS' && error.details.reason === 'REQUEST_ID_REUSED',
    );
    assert.equal(await charges(database.kysely, 'r1'), 1);
  });

  it('keeps the ids of two principals apart', async () => {
    await once(database, key('r1', 'body', 'another user'), codec, charge('r1'));
    assert.equal(await charges(database.kysely, 'r1'), 2);
  });

  it('stores nothing when the work fails, so that a repetition works', async () => {
    const failing = async (transaction: Transaction<Tables>): Promise<{ n: number }> => {
      await charge('r2')(transaction);
      throw new RpcError('FAILED_PRECONDITION', 'declined');
    };
    await assert.rejects(once(database, key('r2'), codec, failing), /declined/);
    assert.deepEqual(await once(database, key('r2'), codec, charge('r2')), { n: 1 });
  });

  it('lets a waiting repetition work when the first one fails', async () => {
    let fail = (): void => {};
    let working = (): void => {};
    const started = new Promise<void>((resolve) => (working = resolve));
    const first = once(database, key('r3'), codec, async () => {
      working();
      await new Promise<void>((resolve) => (fail = resolve));
      throw new Error('first fails');
    });
    await started;
    const second = once(database, key('r3'), codec, charge('r3'));
    fail();
    await assert.rejects(first, /first fails/);
    assert.deepEqual(await second, { n: 1 });
  });

  it('works anew each time without a request id', async () => {
    await once(database, key(''), codec, charge('none'));
    assert.deepEqual(await once(database, key(''), codec, charge('none')), { n: 2 });
  });
});
