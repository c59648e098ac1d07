// Queries on people's names.
import type { Kysely } from 'kysely';
import type { RealtimeTables } from '../tables.ts';

export async function putName(db: Kysely<RealtimeTables>, user_id: string, display_name: string): Promise<void> {
  await db
    .insertInto('people')
    .values({ user_id, display_name })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ display_name }))
    .execute();
}

/** A user's name; empty while nothing was heard of the user. */
export async function nameOf(db: Kysely<RealtimeTables>, userId: string): Promise<string> {
  const query = db.selectFrom('people').select('display_name').where('user_id', '=', userId);
  return (await query.executeTakeFirst())?.display_name ?? '';
}
