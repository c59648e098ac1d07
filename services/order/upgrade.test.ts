// A database of an earlier version, with orders that are being called off, comes to where the present code goes on.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { migrate } from '#kit/database/migrate.ts';
import { quietLog } from '#kit/testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '#kit/testing/test-database.ts';

const now = fileURLToPath(new URL('migrations', import.meta.url));
const kitNow = fileURLToPath(new URL('../../kit/database/migrations', import.meta.url));

describe('orders of an earlier version', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-upgrade-'));
  let place: TestDatabase;
  let client: pg.Client;
  before(async () => {
    const [service, kit] = [join(folder, 'service'), join(folder, 'kit')];
    for (const path of [service, kit]) mkdirSync(path);
    cpSync(join(now, '0001-orders.sql'), join(service, '0001-orders.sql'));
    for (const name of ['0001-outbox.sql', '0002-once.sql', '0003-saga.sql'])
      cpSync(join(kitNow, name), join(kit, name));
    place = await createTestDatabase('upgrade');
    const then = [
      { scope: 'kit', folder: kit },
      { scope: 'service', folder: service },
    ];
    await migrate(place.url, then, quietLog());
    client = new pg.Client({ connectionString: place.url });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await place.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** An order whose placing and calling off had come so far. */
  async function order(status: string, placing: string, cancelling?: string): Promise<string> {
    const [id, wish] = [uuid(), uuid()];
    const cancellation = cancelling === undefined ? null : { sagaId: wish, reason: 'too dear', userId: id };
    await client.query(
      `insert into orders (order_id, user_id, status, sequence, items, currency, total, shipping_address, cancellation,
                           created_at, updated_at)
       values ($1, $1, $2, 4, '[]', 'EUR', 0, 'null', $3, now(), now())`,
      [id, status, cancellation],
    );
    const insert = `insert into fairlead.saga (id, name, state, status, step, finished_at)
      values ($1, $2, $3, $4, $5, case when $4 in ('COMPLETED', 'COMPENSATED') then now() end)`;
    const done = placing === 'COMPLETED' ? 4 : 2;
    await client.query(insert, [id, 'place-order', { orderId: id, userId: id }, placing, done]);
    if (cancelling !== undefined && cancelling !== 'WAITING') {
      await client.query(insert, [wish, 'cancel-order', { orderId: id, reason: 'too dear' }, cancelling, 1]);
    }
    return id;
  }

  it('are called off by the reversal of what placed them, and what had ended stays ended', async () => {
    const ids = {
      plain: await order('ORDER_STATUS_SHIPMENT_SCHEDULED', 'COMPLETED'),
      underWay: await order('ORDER_STATUS_SHIPMENT_SCHEDULED', 'COMPLETED', 'RUNNING'),
      refused: await order('ORDER_STATUS_SHIPMENT_SCHEDULED', 'COMPLETED', 'COMPENSATING'),
      waiting: await order('ORDER_STATUS_PAID', 'RUNNING', 'WAITING'),
      over: await order('ORDER_STATUS_CANCELLED', 'COMPLETED', 'COMPLETED'),
    };
    const sets = [
      { scope: 'kit', folder: kitNow },
      { scope: 'service', folder: now },
    ];
    await migrate(place.url, sets, quietLog());
    const { rows } = await client.query<{ id: string }>(
      `select id, s.status, step, reversed, finished_at is null as open, cancellation from fairlead.saga s
       join orders on order_id = id where name = 'place-order'`,
    );
    const of = (id: string) => {
      const { id: _, ...rest } = rows.find((row) => row.id === id) ?? { id };
      return rest;
    };
    const wish = (id: string) => ({ reason: 'too dear', cancelledByUserId: id });
    const completed = { status: 'COMPLETED', step: 4, reversed: false, open: false };
    const undoing = { status: 'COMPENSATING', step: 3, reversed: true, open: true };
    assert.deepEqual(of(ids.plain), { ...completed, cancellation: null });
    assert.deepEqual(of(ids.underWay), { ...undoing, cancellation: wish(ids.underWay) });
    assert.deepEqual(of(ids.refused), { ...completed, cancellation: null });
    const running = { status: 'RUNNING', step: 2, reversed: true, open: true };
    assert.deepEqual(of(ids.waiting), { ...running, cancellation: wish(ids.waiting) });
    assert.deepEqual(of(ids.over), { ...completed, status: 'COMPENSATED', cancellation: wish(ids.over) });
    const left = await client.query("select from fairlead.saga where name = 'cancel-order' and finished_at is null");
    assert.equal(left.rowCount, 0);
  });
});
