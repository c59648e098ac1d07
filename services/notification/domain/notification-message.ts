// A notification as the contract's message.
import type { Channel, Delivery, Notification } from '#proto/fairlead/notification/v1/notification.ts';
import type { NotificationRow } from '../tables.ts';

/** The notification as it is in its row, a line for each channel. */
export function toNotification(row: NotificationRow): Notification {
  const deliveries = Object.entries(row.deliveries).map(
    ([channel, { state, detail, updateTime }]): Delivery => ({
      channel: channel as Channel,
      state,
      detail,
      updateTime: new Date(updateTime),
    }),
  );
  return {
    notificationId: row.notification_id,
    userId: row.user_id,
    kind: row.kind,
    title: row.title,
    body: row.body,
    orderId: row.order_id,
    deliveries,
    createTime: row.created_at,
    readTime: row.read_at,
  };
}
