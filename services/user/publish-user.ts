// What the user service tells the others: one event a change, keyed by the user, numbered by the user's revision.
// Values are those after the change, so that a reader need not remember earlier events.
import type { UnitOfWork } from '#kit/context.ts';
import type manifest from './manifest.ts';
import type { UserRow } from './store/users.ts';

/** Publishes what became of a user. */
export async function publishUser(
  unit: UnitOfWork<typeof manifest>,
  row: UserRow,
  what: 'registered' | 'updated',
): Promise<void> {
  const profile = { email: row.email, displayName: row.display_name, locale: row.locale };
  await unit.publish({
    type: 'fairlead.user.v1.UserEvent',
    key: row.user_id,
    payload: { userId: row.user_id, sequence: row.revision, eventTime: row.update_time, [what]: profile },
  });
}
