// What a user is told of an event: a kind, a line and a text. Most events are of no interest and give nothing.
// Titles hold no line breaks: they become subjects of emails.
import { formatMoney } from '#kit/money/format-money.ts';
import type { Notification, NotificationKind } from '#proto/fairlead/notification/v1/notification.ts';
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import type { PaymentEvent } from '#proto/fairlead/payment/v1/payment_event.ts';
import type { UserEvent } from '#proto/fairlead/user/v1/user_event.ts';

/** Something to tell a user; with an empty order id it is about no order. */
export type Notice = Pick<Notification, 'userId' | 'kind' | 'title' | 'body' | 'orderId'>;

/** A notice about an order of the event's user. */
function about({ userId, orderId }: OrderEvent | PaymentEvent, kind: NotificationKind, title: string, body: string) {
  return { userId, orderId, kind, title, body };
}

/** What an order's owner is told. */
export function noticeOfOrder(event: OrderEvent): Notice | undefined {
  const { shipmentScheduled, inTransit, delivered, failed, cancelled } = event;
  if (shipmentScheduled) {
    const body = `You paid ${formatMoney(event.total)}. Your tracking number is ${shipmentScheduled.trackingNumber}.`;
    return about(event, 'NOTIFICATION_KIND_ORDER_CONFIRMED', 'Your order is confirmed', body);
  }
  if (inTransit) {
    return about(event, 'NOTIFICATION_KIND_ORDER_SHIPPED', 'Your order is on its way', 'The carrier has your parcel.');
  }
  if (delivered) {
    return about(event, 'NOTIFICATION_KIND_ORDER_DELIVERED', 'Your order was delivered', 'Your parcel has arrived.');
  }
  if (failed) {
    const body = failed.failure?.message ?? '';
    return about(event, 'NOTIFICATION_KIND_ORDER_FAILED', 'Your order could not be carried out', body);
  }
  if (!cancelled) return undefined;
  const body = cancelled.reason === '' ? 'It was called off.' : `It was called off: ${cancelled.reason}`;
  return about(event, 'NOTIFICATION_KIND_ORDER_CANCELLED', 'Your order was cancelled', body);
}

/** What the payer is told. */
export function noticeOfPayment(event: PaymentEvent): Notice | undefined {
  const { charged, declined, refunded } = event;
  const amount = formatMoney((charged ?? declined ?? refunded)?.amount);
  if (charged) {
    const body = `Your card was charged ${amount}.`;
    return about(event, 'NOTIFICATION_KIND_PAYMENT_CHARGED', `You paid ${amount}`, body);
  }
  // Closing an unanswered charge is bookkeeping: no card was asked.
  if (declined && declined.declineReason !== 'CHARGE_VOIDED') {
    const body = `Your card was not charged ${amount}. Try another one.`;
    return about(event, 'NOTIFICATION_KIND_PAYMENT_DECLINED', 'Your payment was declined', body);
  }
  if (!refunded) return undefined;
  const body = refunded.reason === '' ? 'It goes back to your card.' : refunded.reason;
  return about(event, 'NOTIFICATION_KIND_PAYMENT_REFUNDED', `You get back ${amount}`, body);
}

/** What a new user is told. */
export function noticeOfUser({ userId, registered }: UserEvent): Notice | undefined {
  if (!registered) return undefined;
  const body = `Hello ${registered.displayName || registered.email}, your account is ready.`;
  return { userId, kind: 'NOTIFICATION_KIND_WELCOME', title: 'Welcome to Fairlead', body, orderId: '' };
}
