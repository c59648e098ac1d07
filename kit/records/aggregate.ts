// Records whose every change is told: the row changes, its sequence number is counted up and the event leaves in one unit of
// work. The table has `sequence`, `created_at` and `updated_at` for that. Times are the database's, so that events of one
// record are told in the order of their times, whichever replica writes them.
import { type Insertable, type Kysely, sql, type Updateable } from 'kysely';
import { v7 } from 'uuid';
import type { UnitOfWork } from '../context.ts';
import type { Init, Message } from '../contract/shapes.ts';
import type { PublishedBy, ServiceManifest, TablesOf } from '../manifest.ts';
import { type KeyOf, type Records, type RowOf, recordsOf, type TableOf } from './records.ts';

/** Columns that the aggregate fills. */
type Kept = 'sequence' | 'createdAt' | 'updatedAt';

/** What an aggregate is made of. */
export interface AggregateDefinition<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>> {
  readonly table: T;
  /** The record's id; a new record without one gets a UUIDv7. */
  readonly key: KeyOf<M, T>;
  /** Full name of the event that tells of changes. It has `sequence` and `event_time`. */
  readonly event: E;
  /** Column that orders events: those of one value are delivered in the order of their commits. */
  readonly eventKey: KeyOf<M, T>;
  /** What every event says of the record as it is after the change. */
  readonly describe: (row: RowOf<M, T>) => Init<Message<E>>;
  /** Topic of `context.changes` that a change wakes. @default - none */
  readonly topic?: (id: string) => string;
}

/** A row that is added: without what the aggregate fills. */
export type NewRecord<M extends ServiceManifest, T extends TableOf<M>> = Omit<
  Insertable<TablesOf<M>[T]>,
  Kept | KeyOf<M, T>
> &
  Partial<Insertable<TablesOf<M>[T]>>;

/** See the head of the file. */
export interface Aggregate<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>>
  extends Records<M, T> {
  readonly definition: AggregateDefinition<M, T, E>;
  /** Adds a record and tells of it. */
  create(unit: UnitOfWork<M>, row: NewRecord<M, T>, happening: Init<Message<E>>): Promise<RowOf<M, T>>;
  /**
   * Changes a record and tells what happened; gives it as it is then.
   *
   * @throws RpcError NOT_FOUND
   */
  change(
    unit: UnitOfWork<M>,
    id: string,
    patch: Updateable<TablesOf<M>[T]>,
    happening: Init<Message<E>>,
  ): Promise<RowOf<M, T>>;
}

const now = sql<Date>`clock_timestamp()`;

interface KeptValues {
  readonly sequence: number;
  readonly updatedAt: Date;
}

/** Declares an aggregate: `aggregateOf<typeof manifest>()({ table: 'orders', key: 'orderId', ... })`. */
export function aggregateOf<M extends ServiceManifest>() {
  return <T extends TableOf<M>, E extends PublishedBy<M>>(
    definition: AggregateDefinition<M, T, E>,
  ): Aggregate<M, T, E> => {
    type Row = RowOf<M, T>;
    const { table, key, event, eventKey, describe, topic } = definition;
    const records = recordsOf<M>()(table, key);

    async function tell(unit: UnitOfWork<M>, row: Row, happening: Init<Message<E>>): Promise<Row> {
      const { sequence, updatedAt } = row as unknown as KeptValues;
      const said = describe(row) as object;
      const payload = { ...said, sequence, eventTime: updatedAt, ...(happening as object) } as Init<Message<E>>;
      await unit.publish({ type: event, key: String(row[eventKey]), payload });
      if (topic !== undefined) await unit.changed(topic(String(row[key])));
      return row;
    }

    return {
      ...records,
      definition,
      async create(unit, row, happening) {
        const whole = { [key]: v7(), ...row, sequence: 1, createdAt: now, updatedAt: now };
        return tell(unit, await records.insert(unit.db, whole as Insertable<TablesOf<M>[T]>), happening);
      },
      async change(unit, id, patch, happening) {
        const next = { ...patch, sequence: sql<number>`sequence + 1`, updatedAt: now };
        const row = await records.patch(unit.db as Kysely<TablesOf<M>>, id, next as Updateable<TablesOf<M>[T]>);
        return tell(unit, row, happening);
      },
    };
  };
}
