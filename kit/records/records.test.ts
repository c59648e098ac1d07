// Records and aggregates on a real database: found or NOT_FOUND, counted, told of, made once, listed by pages, followed.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Generated } from 'kysely';
import { v7 as uuid } from 'uuid';
import { follow, rowsAfter } from '../changes/follow.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { Context, UnitOfWork } from '../context.ts';
import { type JsonColumn, json } from '../database/json-column.ts';
import { openDatabase, type ServiceDatabase } from '../database/open-database.ts';
import { database, defineService } from '../manifest.ts';
import { quietLog } from '../testing/quiet-log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { aggregateOf } from './aggregate.ts';
import { listPage } from './list-page.ts';
import { recordsOf } from './records.ts';

interface ParcelsTable {
  parcelId: string;
  sequence: number;
  state: string;
  lines: JsonColumn<string[]>;
  note: string | null;
  weight: Generated<number>;
  createdAt: Date;
  updatedAt: Date;
}

const manifest = defineService({
  name: 'parcels',
  description: 'Keeps parcels.',
  database: database<{ parcels: ParcelsTable }>(),
  publishes: ['fairlead.shipping.v1.ShipmentEvent'],
});
type Manifest = typeof manifest;

const migration = `create table parcels (
  parcel_id uuid primary key, sequence bigint not null, state text not null, lines jsonb not null, note text,
  weight int not null default 1, created_at timestamptz not null, updated_at timestamptz not null)`;

const parcels = recordsOf<Manifest>()('parcels', 'parcelId');
const told = aggregateOf<Manifest>()({
  table: 'parcels',
  key: 'parcelId',
  event: 'fairlead.shipping.v1.ShipmentEvent',
  eventKey: 'parcelId',
  describe: ({ parcelId }) => ({ shipmentId: parcelId }),
  follows: ({ state }) =>
    state === 'LOST' ? { patch: { state: 'GONE' }, happening: { previousState: 'SHIPMENT_STATE_PACKED' } } : undefined,
  topic: (id) => `parcel/${id}`,
});

describe('records', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-records-'));
  let place: TestDatabase;
  let service: ServiceDatabase<{ parcels: ParcelsTable }>;
  const published: { readonly key: string; readonly payload: Record<string, unknown> }[] = [];
  const changed: string[] = [];

  before(async () => {
    writeFileSync(join(folder, '0001-parcels.sql'), migration);
    place = await createTestDatabase('records');
    const [url, log] = [place.url, quietLog()];
    service = await openDatabase({ url, service: 'parcels', migrations: folder, log, clock: systemClock });
  });
  after(async () => {
    await service.close();
    await place.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Work in a transaction that notes what it tells. */
  function inUnit<T>(work: (unit: UnitOfWork<Manifest>) => Promise<T>): Promise<T> {
    return service.transaction((db) => {
      const unit = {
        db,
        clock: systemClock,
        publish: async (event: (typeof published)[number]) => void published.push(event),
        changed: async (topic: string) => void changed.push(topic),
      };
      return work(unit as unknown as UnitOfWork<Manifest>);
    });
  }

  const row = (state: string) => ({ state, lines: json(['a', 'b']) });

  it('are added with all their columns, changed, replaced, and NOT_FOUND by their kind', async () => {
    const now = new Date();
    const parcelId = uuid();
    const stamps = { sequence: 1, createdAt: now, updatedAt: now };
    const added = await parcels.insert(service.kysely, { parcelId, ...row('NEW'), ...stamps });
    assert.deepEqual(added, { parcelId, state: 'NEW', lines: ['a', 'b'], note: null, weight: 1, ...stamps });
    assert.equal((await parcels.patch(service.kysely, parcelId, { note: 'fragile' })).note, 'fragile');
    await parcels.put(service.kysely, { parcelId, ...row('AGAIN'), ...stamps });
    assert.equal((await parcels.get(service.kysely, parcelId)).state, 'AGAIN');
    const nobody = uuid();
    assert.equal(await parcels.find(service.kysely, nobody), undefined);
    const missing = { code: 'NOT_FOUND', message: `there is no parcel ${nobody}` };
    await assert.rejects(parcels.get(service.kysely, nobody), missing);
    await assert.rejects(parcels.lock(service.kysely, nobody), missing);
    await assert.rejects(parcels.patch(service.kysely, nobody, { note: '' }), missing);
  });

  it('of an aggregate are counted and told of with each change, and with what follows from it', async () => {
    const { parcelId } = await inUnit((unit) => told.create(unit, row('NEW'), {}));
    const packed = await inUnit((unit) => told.change(unit, parcelId, { state: 'PACKED' }, { trackingNumber: 'FL1' }));
    assert.deepEqual([packed.sequence, packed.state], [2, 'PACKED']);
    assert.ok(packed.updatedAt >= packed.createdAt);
    const noted = await inUnit((unit) => told.note(unit, parcelId, { note: 'told by itself to nobody' }));
    assert.equal(noted.sequence, 2);
    const lost = await inUnit((unit) => told.change(unit, parcelId, { state: 'LOST' }, {}));
    assert.deepEqual([lost.sequence, lost.state], [4, 'GONE']);
    const events = published.filter(({ key }) => key === parcelId).map(({ payload }) => payload);
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [1, 2, 3, 4],
    );
    assert.equal(events[1]?.trackingNumber, 'FL1');
    assert.equal(events[3]?.previousState, 'SHIPMENT_STATE_PACKED');
    assert.deepEqual(events[1]?.eventTime, packed.updatedAt);
    assert.deepEqual(new Set(changed), new Set([`parcel/${parcelId}`]));
  });

  it('that are made once are given as they are now', async () => {
    const answers = new Map<string, object>();
    const once = async (request: { requestId: string }, work: (unit: UnitOfWork<Manifest>) => Promise<object>) => {
      const known = answers.get(request.requestId) ?? (await inUnit(work));
      answers.set(request.requestId, known);
      return known;
    };
    const context = { db: service.kysely, once } as unknown as Context<Manifest>;
    const make = (unit: UnitOfWork<Manifest>) => told.create(unit, row('NEW'), {});
    const first = await told.createdOnce(context, { requestId: 'r' }, make);
    await inUnit((unit) => told.change(unit, first.parcelId, { state: 'SENT' }, {}));
    const again = await told.createdOnce(context, { requestId: 'r' }, make);
    assert.deepEqual([again.parcelId, again.state], [first.parcelId, 'SENT']);
    assert.deepEqual(answers.get('r'), { parcel: { parcelId: first.parcelId } });
  });

  it('are listed a page at a time, with their number, each once', async () => {
    await service.kysely.deleteFrom('parcels').execute();
    for (let n = 0; n < 7; n++) await inUnit((unit) => told.create(unit, row(n < 5 ? 'IN' : 'OUT'), {}));
    const context = { config: {} };
    const query = service.kysely.selectFrom('parcels').where('state', '=', 'IN');
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await listPage(context, { pageSize: 2, pageToken }, query, { by: 'parcelId', order });
        assert.equal(page.totalSize, 5);
        seen.push(...page.rows.map(({ parcelId }) => parcelId));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      assert.equal(seen.length, 5);
      assert.deepEqual(seen, order === 'asc' ? seen.toSorted() : seen.toSorted().reverse());
    }
  });
});

describe('a list that grows', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => ({ sequence: index + 1 }));
  let list = numbers(0);
  const read = async (after: number, limit: number) => list.filter(({ sequence }) => sequence > after).slice(0, limit);

  it('is read to its end in batches', async () => {
    list = numbers(250);
    assert.equal((await Array.fromAsync(rowsAfter(20, read))).length, 230);
  });

  it('is followed without a gap, whatever came between two changes', async () => {
    async function* changes() {
      for (const count of [0, 3, 3, 240]) {
        list = numbers(count);
        yield;
      }
    }
    const seen = await Array.fromAsync(follow(changes(), 1, read));
    assert.deepEqual(seen, numbers(240).slice(1));
  });
});
