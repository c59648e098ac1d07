// Queries on preferences and on the address book.
import type { Kysely } from 'kysely';
import type { Preferences } from '#proto/fairlead/notification/v1/notification.ts';
import { defaultWishes } from '../domain/delivery-plan.ts';
import type { NotificationTables } from '../tables.ts';

type Db = Kysely<NotificationTables>;

/** A user's preferences, or the platform's default. */
export async function getPreferences(db: Db, userId: string): Promise<Preferences> {
  const row = await db.selectFrom('preferences').selectAll().where('user_id', '=', userId).executeTakeFirst();
  return {
    userId,
    channels: row?.channels ?? [...defaultWishes.channels],
    mutedKinds: row?.muted_kinds ?? [...defaultWishes.mutedKinds],
    updateTime: row?.updated_at ?? null,
  };
}

export async function putPreferences(db: Db, { userId, channels, mutedKinds }: Preferences, now: Date): Promise<void> {
  const values = { channels, muted_kinds: mutedKinds, updated_at: now };
  await db
    .insertInto('preferences')
    .values({ user_id: userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute();
}

export async function putAddress(
  db: Db,
  userId: string,
  { email, displayName: display_name }: { readonly email: string; readonly displayName: string },
): Promise<void> {
  await db
    .insertInto('addresses')
    .values({ user_id: userId, email, display_name })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ email, display_name }))
    .execute();
}

/** Where a user's emails go; undefined while nothing was heard of the user. */
export async function addressOf(
  db: Db,
  userId: string,
): Promise<{ readonly address: string; readonly name: string } | undefined> {
  return db
    .selectFrom('addresses')
    .select(['email as address', 'display_name as name'])
    .where('user_id', '=', userId)
    .executeTakeFirst();
}
