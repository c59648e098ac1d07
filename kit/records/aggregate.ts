// Records whose every change is told: the row changes, its sequence number is counted up and the event leaves in one unit of
// work. The table has columns for that. Times are the database's, so that events of one
// record are told in the order of their times, whichever replica writes them.
import { type Insertable, sql, type Updateable } from 'kysely';
import { v7 } from 'uuid';
import type { UnitOfWork } from '../context.ts';
import type { Init, Message } from '../contract/shapes.ts';
import type { PublishedBy, ServiceManifest, TablesOf } from '../manifest.ts';
import { type KeyOf, type Records, type RowOf, recordsOf, type TableOf } from './records.ts';

/** A change of a record, and what is told of it. */
export interface RecordChange<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>> {
  readonly patch: Updateable<TablesOf<M>[T]>;
  readonly happening: Init<Message<E>>;
}

/** Columns that the aggregate fills. */
export interface KeptColumns {
  /** Counts changes; numbers the events. */
  readonly sequence: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Their names in all tables. */
type Kept = 'sequence' | 'createdAt' | 'updatedAt' | 'revision' | 'createTime' | 'updateTime';

/** What an aggregate is made of. */
export interface AggregateDefinition<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>> {
  readonly table: T;
  /** The record's id; a new record without one gets a UUIDv7. */
  readonly key: KeyOf<M, T>;
  /** @default - `sequence`, `createdAt`, `updatedAt` */
  readonly kept?: KeptColumns;
  /** Full name of the event that tells of changes. It has `sequence` and `event_time`. */
  readonly event: E;
  /** Column that orders events: those of one value are delivered in the order of their commits. */
  readonly eventKey: KeyOf<M, T>;
  /** What every event says of the record as it is after the change. */
  readonly describe: (row: RowOf<M, T>) => Init<Message<E>>;
  /** The change that follows by itself once a record has come into this state; made at once. @default - none ever does */
  readonly follows?: (row: RowOf<M, T>) => RecordChange<M, T, E> | undefined;
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
   * Writes what is not told by itself; what follows from it is.
   *
   * @throws RpcError NOT_FOUND
   */
  note(unit: UnitOfWork<M>, id: string, patch: Updateable<TablesOf<M>[T]>): Promise<RowOf<M, T>>;
  /**
   * Changes a record and tells what happened; gives it as it is then, with what follows.
   *
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

const usual: KeptColumns = { sequence: 'sequence', createdAt: 'createdAt', updatedAt: 'updatedAt' };

/** Declares an aggregate: `aggregateOf<typeof manifest>()({ table: 'orders', key: 'orderId', ... })`. */
export function aggregateOf<M extends ServiceManifest>() {
  return <T extends TableOf<M>, E extends PublishedBy<M>>(
    definition: AggregateDefinition<M, T, E>,
  ): Aggregate<M, T, E> => {
    type Row = RowOf<M, T>;
    const { table, key, event, eventKey, describe, follows, topic } = definition;
    const { sequence, createdAt, updatedAt } = definition.kept ?? usual;
    const records = recordsOf<M>()(table, key);

    async function tell(unit: UnitOfWork<M>, row: Row, happening: Init<Message<E>>): Promise<Row> {
      const values = row as Record<string, unknown>;
      const head = { ...(describe(row) as object), sequence: values[sequence], eventTime: values[updatedAt] };
      const payload = { ...head, ...(happening as object) } as Init<Message<E>>;
      await unit.publish({ type: event, key: String(row[eventKey]), payload });
      if (topic !== undefined) await unit.changed(topic(String(row[key])));
      return follow(unit, row);
    }

    async function follow(unit: UnitOfWork<M>, row: Row): Promise<Row> {
      const next = follows?.(row);
      return next === undefined ? row : change(unit, String(row[key]), next.patch, next.happening);
    }

    async function change(
      unit: UnitOfWork<M>,
      id: string,
      patch: Updateable<TablesOf<M>[T]>,
      happening: Init<Message<E>>,
    ): Promise<Row> {
      const counted = { ...patch, [sequence]: sql<number>`${sql.ref(sequence)} + 1`, [updatedAt]: now };
      return tell(unit, await records.patch(unit.db, id, counted as Updateable<TablesOf<M>[T]>), happening);
    }

    return {
      ...records,
      definition,
      async create(unit, row, happening) {
        const whole = { [key]: v7(), ...row, [sequence]: 1, [createdAt]: now, [updatedAt]: now };
        return tell(unit, await records.insert(unit.db, whole as Insertable<TablesOf<M>[T]>), happening);
      },
      change,
      note: async (unit, id, patch) => follow(unit, await records.patch(unit.db, id, patch)),
    };
  };
}
