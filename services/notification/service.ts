// Telling users what happens. Events and Send make notifications in one unit of work with their deliveries, and start
// what carries those that leave the house.
import { v7 } from 'uuid';
import { applyUpdateMask, follow, implement, listPage, ownId, type UnitOfWork } from '#kit';
import { deliver } from './deliver.ts';
import { planDeliveries } from './domain/delivery-plan.ts';
import { type Notice, noticeOfOrder, noticeOfPayment, noticeOfUser } from './domain/notice.ts';
import manifest from './manifest.ts';
import * as store from './store/notifications.ts';

const topic = (userId: string): string => `user/${userId}`;

/** Makes a notification as its user wants it. */
async function tell(unit: UnitOfWork<typeof manifest>, notice: Notice) {
  const plan = planDeliveries(notice.kind, await store.preferencesOf(unit.db, notice.userId));
  const notification = await store.addNotification(unit, notice, plan);
  const { notificationId } = notification;
  for (const { channel, state } of plan) {
    if (state === 'DELIVERY_STATE_PENDING') await deliver.start(unit, v7(), { notificationId, channel });
  }
  await unit.changed(topic(notice.userId));
  return notification;
}

async function hear(unit: UnitOfWork<typeof manifest>, notice: Notice | undefined): Promise<void> {
  if (notice !== undefined) await tell(unit, notice);
}

export default implement(
  manifest,
  {
    async send(request, context) {
      const notice = { ...request, userId: request.userId.toLowerCase() };
      const notification = await store.notifications.createdOnce(context, request, (unit) => tell(unit, notice));
      return { notification: store.toNotification(notification) };
    },

    async listNotifications(request, context) {
      const { unreadOnly } = request;
      const userId = ownId(context, request.userId);
      const options = { by: 'position', order: 'desc', filters: { userId, unreadOnly } } as const;
      const query = store.inApp(context.db, userId, unreadOnly);
      const { rows, ...page } = await listPage(context, request, query, options);
      const unreadSize = await store.countUnread(context.db, userId);
      return { notifications: rows.map(store.toNotification), ...page, unreadSize };
    },

    async markRead({ notificationIds }, context) {
      const { id } = context.user();
      const markedCount = await store.markRead(context.db, id, notificationIds, context.clock.now());
      return { markedCount, unreadSize: await store.countUnread(context.db, id) };
    },

    async *streamNotifications({ userId, afterNotificationId }, context) {
      const id = ownId(context, userId);
      const start = await store.positionOf(context.db, id, afterNotificationId);
      const after = (position: number, limit: number) => store.notificationsAfter(context.db, id, position, limit);
      for await (const row of follow(context.changes(topic(id)), start, after)) {
        yield { notification: store.toNotification(row) };
      }
    },

    async getPreferences({ userId }, context) {
      return { preferences: await store.preferencesOf(context.db, ownId(context, userId)) };
    },

    async updatePreferences({ userId: named, preferences: given, updateMask }, context) {
      const userId = ownId(context, named);
      return context.transaction(async ({ db }) => {
        const present = await store.preferencesOf(db, userId);
        const { channels, mutedKinds } = applyUpdateMask(present, given ?? present, updateMask);
        await store.preferences.put(db, { userId, channels, mutedKinds, updatedAt: context.clock.now() });
        return { preferences: await store.preferencesOf(db, userId) };
      });
    },
  },
  {
    sagas: [deliver],
    on: {
      'fairlead.order.v1.OrderEvent': ({ payload }, unit) => hear(unit, noticeOfOrder(payload)),
      'fairlead.payment.v1.PaymentEvent': ({ payload }, unit) => hear(unit, noticeOfPayment(payload)),
      async 'fairlead.user.v1.UserEvent'({ payload }, unit) {
        const { email, displayName } = payload.registered ?? payload.updated ?? { email: '', displayName: '' };
        if (email !== '') await store.addresses.put(unit.db, { userId: payload.userId, email, displayName });
        await hear(unit, noticeOfUser(payload));
      },
    },
  },
);
