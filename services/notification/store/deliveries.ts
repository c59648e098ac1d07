// The courier's queue: deliveries that are due, one at a time, and what became of them.
// Replicas skip what another one is delivering.
import type { Transaction } from 'kysely';
import type { DeliveryState } from '#proto/fairlead/notification/v1/notification.ts';
import type { DeliveryRow, NotificationTables } from '../tables.ts';

type Db = Transaction<NotificationTables>;

/** A delivery with what is to be delivered. */
export interface DueDelivery extends Pick<DeliveryRow, 'notification_id' | 'channel' | 'attempts'> {
  readonly user_id: string;
  readonly title: string;
  readonly body: string;
  /** Null while the address book does not know the user. */
  readonly email: string | null;
  readonly display_name: string | null;
}

/** One delivery whose time has come, locked; undefined when there is none. */
export function lockDueDelivery(db: Db, now: Date): Promise<DueDelivery | undefined> {
  return db
    .selectFrom('deliveries')
    .innerJoin('notifications', 'notifications.notification_id', 'deliveries.notification_id')
    .leftJoin('addresses', 'addresses.user_id', 'notifications.user_id')
    .select(['deliveries.notification_id', 'channel', 'attempts', 'notifications.user_id', 'title', 'body'])
    .select(['email', 'display_name'])
    .where('state', '=', 'DELIVERY_STATE_PENDING')
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .limit(1)
    .forUpdate('deliveries')
    .skipLocked()
    .executeTakeFirst();
}

/** Writes what became of a locked delivery. */
export async function settleDelivery(
  db: Db,
  { notification_id, channel, attempts }: DueDelivery,
  outcome: {
    readonly state: DeliveryState;
    readonly detail: string;
    readonly nextAttemptAt: Date | null;
    readonly now: Date;
  },
): Promise<void> {
  const { state, detail, nextAttemptAt: next_attempt_at, now: updated_at } = outcome;
  await db
    .updateTable('deliveries')
    .set({ state, detail, next_attempt_at, updated_at, attempts: attempts + 1 })
    .where('notification_id', '=', notification_id)
    .where('channel', '=', channel)
    .execute();
}
