// Telling users what happens. Events and Send make notifications in one unit of work with their deliveries, and start
// what carries those that leave the house.
import { v7 } from 'uuid';
import { applyUpdateMask, type Context, implement, namedUser, notFound, openPage, type UnitOfWork } from '#kit';
import { deliver } from './deliver.ts';
import { planDeliveries } from './domain/delivery-plan.ts';
import { type Notice, noticeOfOrder, noticeOfPayment, noticeOfUser } from './domain/notice.ts';
import { toNotification } from './domain/notification-message.ts';
import manifest from './manifest.ts';
import {
  countNotifications,
  getNotification,
  insertNotification,
  listNotifications,
  markRead,
  notificationsAfter,
  positionOf,
} from './store/notifications.ts';
import { getPreferences, putAddress, putPreferences } from './store/preferences.ts';

const topic = (userId: string): string => `user/${userId}`;

/** Makes a notification as its user wants it; gives its id. */
async function tell(unit: UnitOfWork<typeof manifest>, notice: Notice, now: Date): Promise<string> {
  const plan = planDeliveries(notice.kind, await getPreferences(unit.db, notice.userId));
  const notificationId = await insertNotification(unit.db, notice, plan, now);
  for (const { channel, state } of plan) {
    if (state === 'DELIVERY_STATE_PENDING') await deliver.start(unit, v7(), { notificationId, channel });
  }
  await unit.changed(topic(notice.userId));
  return notificationId;
}

/** The caller's own id: not even staff reads what others are told. */
function ownId(context: Context<typeof manifest>, userId: string): string {
  if (namedUser(context, userId) !== context.user().id) throw notFound('user', userId);
  return context.user().id;
}

export default implement(
  manifest,
  {
    async send(request, context) {
      const { notification } = await context.once(request, async (unit) => {
        const userId = request.userId.toLowerCase();
        return { notification: { notificationId: await tell(unit, { ...request, userId }, context.clock.now()) } };
      });
      return { notification: toNotification(await getNotification(context.db, notification.notificationId)) };
    },

    async listNotifications(request, context) {
      const filter = { userId: ownId(context, request.userId), unreadOnly: request.unreadOnly };
      const page = openPage(context, request, { filters: filter });
      const [before] = (page.after ?? []) as [number?];
      const { all, unread } = await countNotifications(context.db, filter.userId);
      const rows = await listNotifications(context.db, filter, { before, limit: page.limit });
      const { items, nextPageToken } = page.close(rows, ({ position }) => [position]);
      const totalSize = request.unreadOnly ? unread : all;
      return { notifications: items.map(toNotification), nextPageToken, totalSize, unreadSize: unread };
    },

    async markRead({ notificationIds }, context) {
      const { id } = context.user();
      const markedCount = await markRead(context.db, id, notificationIds, context.clock.now());
      return { markedCount, unreadSize: (await countNotifications(context.db, id)).unread };
    },

    async *streamNotifications({ userId, afterNotificationId }, context) {
      const id = ownId(context, userId);
      let position = await positionOf(context.db, id, afterNotificationId);
      for await (const _ of context.changes(topic(id))) {
        for (;;) {
          const rows = await notificationsAfter(context.db, id, position);
          if (rows.length === 0) break;
          for (const row of rows) {
            yield { notification: toNotification(row) };
            position = row.position;
          }
        }
      }
    },

    async getPreferences({ userId }, context) {
      return { preferences: await getPreferences(context.db, ownId(context, userId)) };
    },

    async updatePreferences({ userId, preferences, updateMask }, context) {
      const id = ownId(context, userId);
      const updated = await context.transaction(async ({ db }) => {
        const present = await getPreferences(db, id);
        const wanted = applyUpdateMask(present, preferences ?? present, updateMask);
        await putPreferences(db, { ...wanted, userId: id }, context.clock.now());
        return getPreferences(db, id);
      });
      return { preferences: updated };
    },
  },
  {
    sagas: [deliver],
    on: {
      async 'fairlead.order.v1.OrderEvent'({ payload }, unit) {
        const notice = noticeOfOrder(payload);
        if (notice !== undefined) await tell(unit, notice, unit.clock.now());
      },
      async 'fairlead.payment.v1.PaymentEvent'({ payload }, unit) {
        const notice = noticeOfPayment(payload);
        if (notice !== undefined) await tell(unit, notice, unit.clock.now());
      },
      async 'fairlead.user.v1.UserEvent'({ payload }, unit) {
        const account = payload.registered ?? payload.updated;
        if (account !== undefined) await putAddress(unit.db, payload.userId, account);
        const notice = noticeOfUser(payload);
        if (notice !== undefined) await tell(unit, notice, unit.clock.now());
      },
    },
  },
);
