// Queries on notifications. Only those that go to the app are listed, streamed and read.
// A user's notifications take their turns: positions are given in the order of commits, so a stream misses none.
import { type Kysely, sql, type Transaction } from 'kysely';
import { v7 } from 'uuid';
import { notFound } from '#kit';
import type { Channel, DeliveryState } from '#proto/fairlead/notification/v1/notification.ts';
import type { PlannedDelivery } from '../domain/delivery-plan.ts';
import type { Notice } from '../domain/notice.ts';
import type { NotificationRow, NotificationTables } from '../tables.ts';

type Db = Kysely<NotificationTables>;

/** Adds a notification with its deliveries; gives its id. */
export async function insertNotification(
  db: Transaction<NotificationTables>,
  { userId, kind, title, body, orderId }: Notice,
  plan: readonly PlannedDelivery[],
  now: Date,
): Promise<string> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`.execute(db);
  const notification_id = v7();
  const updateTime = now.toISOString();
  const deliveries = plan.map(({ channel, state, detail }) => [channel, { state, detail, updateTime }]);
  const values = {
    notification_id,
    user_id: userId,
    kind,
    title,
    body,
    order_id: orderId,
    in_app: plan.some(({ channel, state }) => channel === 'CHANNEL_IN_APP' && state === 'DELIVERY_STATE_SENT'),
    deliveries: JSON.stringify(Object.fromEntries(deliveries)),
    created_at: now,
    read_at: null,
  };
  await db.insertInto('notifications').values(values).execute();
  return notification_id;
}

/** Writes what became of a notification on one channel. */
export async function setDelivery(
  db: Db,
  { notificationId, channel }: { readonly notificationId: string; readonly channel: Channel },
  { state, detail }: { readonly state: DeliveryState; readonly detail: string },
): Promise<void> {
  await sql`update notifications set deliveries = deliveries || jsonb_build_object(${channel}::text,
    jsonb_build_object('state', ${state}::text, 'detail', ${detail}::text, 'updateTime', now()))
    where notification_id = ${notificationId}`.execute(db);
}

/** @throws RpcError NOT_FOUND */
export async function getNotification(db: Db, id: string): Promise<NotificationRow> {
  const query = db.selectFrom('notifications').selectAll().where('notification_id', '=', id);
  const row = await query.executeTakeFirst();
  if (row === undefined) throw notFound('notification', id);
  return row;
}

const ofUser = (db: Db, userId: string) =>
  db.selectFrom('notifications').where('user_id', '=', userId).where('in_app', '=', true);

/** How many a user has, and how many of them are unread. */
export function countNotifications(db: Db, userId: string): Promise<{ readonly all: number; readonly unread: number }> {
  return ofUser(db, userId)
    .select(({ fn }) => fn.countAll<number>().as('all'))
    .select(({ fn }) => fn.countAll<number>().filterWhere('read_at', 'is', null).as('unread'))
    .executeTakeFirstOrThrow();
}

/** A page of a user's notifications, newest first. */
export function listNotifications(
  db: Db,
  filter: { readonly userId: string; readonly unreadOnly: boolean },
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<NotificationRow[]> {
  let wanted = ofUser(db, filter.userId);
  if (filter.unreadOnly) wanted = wanted.where('read_at', 'is', null);
  if (page.before !== undefined) wanted = wanted.where('position', '<', page.before);
  return wanted.selectAll().orderBy('position', 'desc').limit(page.limit).execute();
}

/** At most 100 notifications of a user after a position, oldest first. */
export function notificationsAfter(db: Db, userId: string, position: number): Promise<NotificationRow[]> {
  const newer = ofUser(db, userId).selectAll().where('position', '>', position);
  return newer.orderBy('position').limit(100).execute();
}

/** Where a user's stream begins: after the named notification, or after the newest. */
export async function positionOf(db: Db, userId: string, notificationId: string): Promise<number> {
  const named = ofUser(db, userId).where('notification_id', '=', notificationId);
  const newest = ofUser(db, userId).orderBy('position', 'desc').limit(1);
  const row = await (notificationId === '' ? newest : named).select('position').executeTakeFirst();
  if (row === undefined && notificationId !== '') throw notFound('notification', notificationId);
  return row?.position ?? 0;
}

/** Marks a user's unread notifications among the ids as read; gives how many there were. */
export async function markRead(db: Db, userId: string, ids: readonly string[], now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('notifications')
    .set({ read_at: now })
    .where('user_id', '=', userId)
    .where('notification_id', 'in', [...ids])
    .where('in_app', '=', true)
    .where('read_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
