// Queries on notifications and their deliveries. Only those that go to the app are listed, streamed and read.
// A user's notifications take their turns: positions are given in the order of commits, so a stream misses none.
import { type Kysely, sql, type Transaction } from 'kysely';
import { v7 } from 'uuid';
import { notFound } from '#kit';
import type { Notification } from '#proto/fairlead/notification/v1/notification.ts';
import type { PlannedDelivery } from '../domain/delivery-plan.ts';
import type { Notice } from '../domain/notice.ts';
import type { NotificationRow, NotificationTables } from '../tables.ts';

type Db = Kysely<NotificationTables>;

/** A notification with where it stands in its user's list. */
export interface Listed {
  readonly position: number;
  readonly notification: Notification;
}

/** Adds a notification with its deliveries; gives its id. */
export async function insertNotification(
  db: Transaction<NotificationTables>,
  notice: Notice,
  plan: readonly PlannedDelivery[],
  now: Date,
): Promise<string> {
  const { userId, kind, title, body, orderId } = notice;
  await sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`.execute(db);
  const notification_id = v7();
  const in_app = plan.some(({ channel, state }) => channel === 'CHANNEL_IN_APP' && state === 'DELIVERY_STATE_SENT');
  await db
    .insertInto('notifications')
    .values({
      notification_id,
      user_id: userId,
      kind,
      title,
      body,
      order_id: orderId,
      in_app,
      created_at: now,
      read_at: null,
    })
    .execute();
  const deliveries = plan.map((delivery) => ({
    ...delivery,
    notification_id,
    next_attempt_at: delivery.state === 'DELIVERY_STATE_PENDING' ? now : null,
    updated_at: now,
  }));
  await db.insertInto('deliveries').values(deliveries).execute();
  return notification_id;
}

async function withDeliveries(db: Db, rows: readonly NotificationRow[]): Promise<Listed[]> {
  const ids = rows.map((row) => row.notification_id);
  const all = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('notification_id', '=', sql<string>`any(${ids}::uuid[])`)
    .orderBy('channel')
    .execute();
  const deliveries = Map.groupBy(all, (delivery) => delivery.notification_id);
  return rows.map((row) => ({
    position: row.position,
    notification: {
      notificationId: row.notification_id,
      userId: row.user_id,
      kind: row.kind,
      title: row.title,
      body: row.body,
      orderId: row.order_id,
      deliveries: (deliveries.get(row.notification_id) ?? []).map(({ channel, state, detail, updated_at }) => ({
        channel,
        state,
        detail,
        updateTime: updated_at,
      })),
      createTime: row.created_at,
      readTime: row.read_at,
    },
  }));
}

/** @throws RpcError NOT_FOUND */
export async function getNotification(db: Db, id: string): Promise<Notification> {
  const rows = await db.selectFrom('notifications').selectAll().where('notification_id', '=', id).execute();
  const [found] = await withDeliveries(db, rows);
  if (found === undefined) throw notFound('notification', id);
  return found.notification;
}

const ofUser = (db: Db, userId: string) =>
  db.selectFrom('notifications').where('user_id', '=', userId).where('in_app', '=', true);

/** A page of a user's notifications, newest first. */
export async function listNotifications(
  db: Db,
  filter: { readonly userId: string; readonly unreadOnly: boolean },
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<{ readonly rows: Listed[]; readonly total: number; readonly unread: number }> {
  const counts = await ofUser(db, filter.userId)
    .select(({ fn }) => [
      fn.countAll<number>().as('all'),
      fn.countAll<number>().filterWhere('read_at', 'is', null).as('unread'),
    ])
    .executeTakeFirstOrThrow();
  let wanted = ofUser(db, filter.userId);
  if (filter.unreadOnly) wanted = wanted.where('read_at', 'is', null);
  if (page.before !== undefined) wanted = wanted.where('position', '<', page.before);
  const rows = await wanted.selectAll().orderBy('position', 'desc').limit(page.limit).execute();
  return {
    rows: await withDeliveries(db, rows),
    total: filter.unreadOnly ? counts.unread : counts.all,
    unread: counts.unread,
  };
}

/** At most 100 notifications of a user after a position, oldest first. */
export async function notificationsAfter(db: Db, userId: string, position: number): Promise<Listed[]> {
  const rows = await ofUser(db, userId)
    .selectAll()
    .where('position', '>', position)
    .orderBy('position')
    .limit(100)
    .execute();
  return withDeliveries(db, rows);
}

/** Where a user's stream begins: after the named notification, or after the newest. */
export async function positionOf(db: Db, userId: string, notificationId: string): Promise<number> {
  const named = ofUser(db, userId).where('notification_id', '=', notificationId);
  const newest = ofUser(db, userId).orderBy('position', 'desc').limit(1);
  const row = await (notificationId === '' ? newest : named).select('position').executeTakeFirst();
  if (row === undefined && notificationId !== '') throw notFound('notification', notificationId);
  return row?.position ?? 0;
}

/** Marks a user's unread notifications among the ids as read. */
export async function markRead(
  db: Db,
  userId: string,
  ids: readonly string[],
  now: Date,
): Promise<{ readonly marked: number; readonly unread: number }> {
  const { numUpdatedRows } = await db
    .updateTable('notifications')
    .set({ read_at: now })
    .where('user_id', '=', userId)
    .where('notification_id', 'in', [...ids])
    .where('in_app', '=', true)
    .where('read_at', 'is', null)
    .executeTakeFirstOrThrow();
  const { unread } = await ofUser(db, userId)
    .where('read_at', 'is', null)
    .select(({ fn }) => fn.countAll<number>().as('unread'))
    .executeTakeFirstOrThrow();
  return { marked: Number(numUpdatedRows), unread };
}
