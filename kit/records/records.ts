// Rows that have an id: read, locked, added and changed one at a time. What is not there is NOT_FOUND, said alike everywhere.
// The resource is named by its key: `apiKeyId` is the id of an `api key`, found in answers under `apiKey`.
import type { Insertable, Kysely, Selectable, Updateable } from 'kysely';
import type { Context, UnitOfWork } from '../context.ts';
import { notFound } from '../errors/not-found.ts';
import type { ServiceManifest, TablesOf } from '../manifest.ts';

/** Name of a table of a service. */
export type TableOf<M extends ServiceManifest> = keyof TablesOf<M> & string;

/** A row of a table. */
export type RowOf<M extends ServiceManifest, T extends TableOf<M>> = Selectable<TablesOf<M>[T]>;

/** A column that identifies rows. */
export type KeyOf<M extends ServiceManifest, T extends TableOf<M>> = keyof RowOf<M, T> & `${string}Id`;

/** One table by its key. Methods take the service's database, or a unit of work's. */
export interface Records<M extends ServiceManifest, T extends TableOf<M>> {
  find(db: Kysely<TablesOf<M>>, id: string): Promise<RowOf<M, T> | undefined>;
  /** @throws RpcError NOT_FOUND */
  get(db: Kysely<TablesOf<M>>, id: string): Promise<RowOf<M, T>>;
  /** As `get`; nobody else changes the row until the transaction ends. */
  lock(db: Kysely<TablesOf<M>>, id: string): Promise<RowOf<M, T>>;
  insert(db: Kysely<TablesOf<M>>, row: Insertable<TablesOf<M>[T]>): Promise<RowOf<M, T>>;
  /** Adds the row, or gives the one with its id these values. */
  put(db: Kysely<TablesOf<M>>, row: Insertable<TablesOf<M>[T]>): Promise<void>;
  /** @throws RpcError NOT_FOUND */
  patch(db: Kysely<TablesOf<M>>, id: string, patch: Updateable<TablesOf<M>[T]>): Promise<RowOf<M, T>>;
  /**
   * Makes a record once for the request's `request_id`, and gives it as it is now: a repetition is answered with what has
   * become of it. Its id is kept as the answer would have it, `{ order: { orderId } }`.
   */
  createdOnce(
    context: Context<M>,
    request: { readonly requestId: string },
    make: (unit: UnitOfWork<M>) => Promise<RowOf<M, T>>,
  ): Promise<RowOf<M, T>>;
}

type Values = Record<string, unknown>;
type AnyTables = Record<string, Values>;
type Answer = Record<string, Values>;

/** Declares records: `recordsOf<typeof manifest>()('orders', 'orderId')`. */
export function recordsOf<M extends ServiceManifest>() {
  type Db = Kysely<TablesOf<M>>;
  return <T extends TableOf<M>>(of: T, by: KeyOf<M, T>): Records<M, T> => {
    type Row = RowOf<M, T>;
    const [table, key]: readonly [string, string] = [of, by];
    const resource = key.replace(/Id$/, '');
    const name = resource.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    const untyped = (db: Db) => db as unknown as Kysely<AnyTables>;
    const byId = (db: Db, id: string) => untyped(db).selectFrom(table).selectAll().where(key, '=', id);
    const orNotFound = (id: string, row: unknown): Row => {
      if (row === undefined) throw notFound(name, id);
      return row as Row;
    };
    const get = async (db: Db, id: string): Promise<Row> => orNotFound(id, await byId(db, id).executeTakeFirst());
    return {
      get,
      find: async (db, id) => (await byId(db, id).executeTakeFirst()) as Row | undefined,
      lock: async (db, id) => orNotFound(id, await byId(db, id).forUpdate().executeTakeFirst()),
      async insert(db, row) {
        const query = untyped(db)
          .insertInto(table)
          .values(row as Values);
        return (await query.returningAll().executeTakeFirstOrThrow()) as Row;
      },
      async put(db, row) {
        const { [key]: _, ...rest } = row as Values;
        const query = untyped(db)
          .insertInto(table)
          .values(row as Values);
        await query.onConflict((conflict) => conflict.column(key).doUpdateSet(rest)).execute();
      },
      async patch(db, id, patch) {
        const query = untyped(db)
          .updateTable(table)
          .set(patch as Values)
          .where(key, '=', id);
        return orNotFound(id, await query.returningAll().executeTakeFirst());
      },
      async createdOnce(context, request, make) {
        const answer = await context.once(request, async (unit): Promise<Answer> => {
          const row: Values = await make(unit);
          return { [resource]: { [key]: row[key] } };
        });
        return get(context.db, String(answer[resource]?.[key]));
      },
    };
  };
}
