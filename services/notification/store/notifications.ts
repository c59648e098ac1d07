// Notifications, wishes and addresses as rows and messages. Only those notifications that go to the app are listed, streamed and read.
// A user's notifications take their turns: positions are given in the order of commits, so a stream misses none.
import { type Kysely, sql } from 'kysely';
import { v7 } from 'uuid';
import { type Filled, json, notFound, recordsOf, type UnitOfWork } from '#kit';
import type { Channel, Notification } from '#proto/fairlead/notification/v1/notification.ts';
import { defaultWishes, type PlannedDelivery } from '../domain/delivery-plan.ts';
import type { Notice } from '../domain/notice.ts';
import type { NotificationsRow, NotificationTables } from '../gen/tables.ts';
import type manifest from '../manifest.ts';

type Db = Kysely<NotificationTables>;
type Unit = UnitOfWork<typeof manifest>;

export const notifications = recordsOf<typeof manifest>()('notifications', 'notificationId');
export const preferences = recordsOf<typeof manifest>()('preferences', 'userId');
/** The address book, from user events: sending an email needs no call. */
export const addresses = recordsOf<typeof manifest>()('addresses', 'userId');

export function toNotification(row: NotificationsRow): Filled<Notification> {
  const deliveries = Object.entries(row.deliveries).map(([channel, { updateTime, ...delivery }]) => {
    return { ...delivery, channel: channel as Channel, updateTime: new Date(updateTime) };
  });
  return { ...row, deliveries, createTime: row.createdAt, readTime: row.readAt };
}

/** A user's preferences, or the platform's default. */
export async function preferencesOf(db: Db, userId: string) {
  const row = await preferences.find(db, userId);
  return { ...(row ?? { userId, ...defaultWishes }), updateTime: row?.updatedAt ?? null };
}

/** Adds a notification with its deliveries. */
export async function addNotification({ db, clock }: Unit, notice: Notice, plan: readonly PlannedDelivery[]) {
  const { userId, kind, title, body, orderId } = notice;
  await sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`.execute(db);
  const inApp = plan.some(({ channel, state }) => channel === 'CHANNEL_IN_APP' && state === 'DELIVERY_STATE_SENT');
  const createdAt = clock.now();
  const updateTime = createdAt.toISOString();
  const deliveries = json(Object.fromEntries(plan.map(({ channel, ...rest }) => [channel, { ...rest, updateTime }])));
  const row = { notificationId: v7(), userId, kind, title, body, orderId, inApp, deliveries, createdAt };
  return notifications.insert(db, row);
}

/** Writes what became of a notification on one channel. */
export async function setDelivery(db: Db, notificationId: string, { channel, state, detail }: PlannedDelivery) {
  await sql`update notifications set deliveries = deliveries || jsonb_build_object(${channel}::text,
    jsonb_build_object('state', ${state}::text, 'detail', ${detail}::text, 'updateTime', now()))
    where notification_id = ${notificationId}`.execute(db);
}

/** What a user sees in the app. */
export function inApp(db: Db, userId: string, unreadOnly = false) {
  const all = db.selectFrom('notifications').where('userId', '=', userId).where('inApp', '=', true);
  return unreadOnly ? all.where('readAt', 'is', null) : all;
}

export async function countUnread(db: Db, userId: string): Promise<number> {
  const count = inApp(db, userId, true).select(({ fn }) => fn.countAll<number>().as('unread'));
  return (await count.executeTakeFirstOrThrow()).unread;
}

/** Notifications of a user after a position, oldest first. */
export function notificationsAfter(db: Db, userId: string, position: number, limit: number) {
  const newer = inApp(db, userId).selectAll().select('position as sequence').where('position', '>', position);
  return newer.orderBy('position').limit(limit).execute();
}

/** Where a user's stream begins: after the named notification, or after the newest. */
export async function positionOf(db: Db, userId: string, id: string): Promise<number> {
  const named = inApp(db, userId).where('notificationId', '=', id);
  const newest = inApp(db, userId).orderBy('position', 'desc').limit(1);
  const row = await (id === '' ? newest : named).select('position').executeTakeFirst();
  if (row === undefined && id !== '') throw notFound('notification', id);
  return row?.position ?? 0;
}

/** Marks a user's unread notifications among the ids as read; gives how many there were. */
export async function markRead(db: Db, userId: string, ids: readonly string[], readAt: Date): Promise<number> {
  const unread = inApp(db, userId, true)
    .select('notificationId')
    .where('notificationId', 'in', [...ids]);
  const update = db.updateTable('notifications').set({ readAt }).where('notificationId', 'in', unread);
  return Number((await update.where('readAt', 'is', null).executeTakeFirstOrThrow()).numUpdatedRows);
}
