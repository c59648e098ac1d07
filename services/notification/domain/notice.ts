// What a user is told of an event: a kind, a line and a text. Most events are of no interest and give nothing.
// Titles hold no line breaks: they become subjects of emails.
import { formatMoney } from '#kit/money/format-money.ts';
import type { NotificationKind } from '#proto/fairlead/notification/v1/notification.ts';
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import type { PaymentEvent } from '#proto/fairlead/payment/v1/payment_event.ts';
import type { UserEvent } from '#proto/fairlead/user/v1/user_event.ts';

/** Something to tell a user. */
export interface Notice {
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly title: string;
  readonly body: string;
  /** Empty: about no order. */
  readonly orderId: string;
}

type Text = Pick<Notice, 'kind' | 'title' | 'body'>;

function textOfOrder({
  shipmentScheduled,
  inTransit,
  delivered,
  failed,
  cancelled,
  total,
}: OrderEvent): Text | undefined {
  if (shipmentScheduled) {
    const body = `You paid ${formatMoney(total)}. Your tracking number is ${shipmentScheduled.trackingNumber}.`;
    return { kind: 'NOTIFICATION_KIND_ORDER_CONFIRMED', title: 'Your order is confirmed', body };
  }
  if (inTransit) {
    const body = 'The carrier has your parcel.';
    return { kind: 'NOTIFICATION_KIND_ORDER_SHIPPED', title: 'Your order is on its way', body };
  }
  if (delivered) {
    const body = 'Your parcel has arrived.';
    return { kind: 'NOTIFICATION_KIND_ORDER_DELIVERED', title: 'Your order was delivered', body };
  }
  if (failed) {
    const body = failed.failure?.message ?? '';
    return { kind: 'NOTIFICATION_KIND_ORDER_FAILED', title: 'Your order could not be carried out', body };
  }
  if (cancelled) {
    const body = cancelled.reason === '' ? 'It was called off.' : `It was called off: ${cancelled.reason}`;
    return { kind: 'NOTIFICATION_KIND_ORDER_CANCELLED', title: 'Your order was cancelled', body };
  }
  return undefined;
}

/** What an order's owner is told. */
export function noticeOfOrder(event: OrderEvent): Notice | undefined {
  const text = textOfOrder(event);
  return text && { ...text, userId: event.userId, orderId: event.orderId };
}

function textOfPayment({ charged, declined, refunded }: PaymentEvent): Text | undefined {
  if (charged) {
    const body = `Your card was charged ${formatMoney(charged.amount)}.`;
    return { kind: 'NOTIFICATION_KIND_PAYMENT_CHARGED', title: `You paid ${formatMoney(charged.amount)}`, body };
  }
  // Closing an unanswered charge is bookkeeping: no card was asked.
  if (declined && declined.declineReason !== 'CHARGE_VOIDED') {
    const body = `Your card was not charged ${formatMoney(declined.amount)}. Try another one.`;
    return { kind: 'NOTIFICATION_KIND_PAYMENT_DECLINED', title: 'Your payment was declined', body };
  }
  if (refunded) {
    const body = refunded.reason === '' ? 'It goes back to your card.' : refunded.reason;
    return { kind: 'NOTIFICATION_KIND_PAYMENT_REFUNDED', title: `You get back ${formatMoney(refunded.amount)}`, body };
  }
  return undefined;
}

/** What the payer is told. */
export function noticeOfPayment(event: PaymentEvent): Notice | undefined {
  const text = textOfPayment(event);
  return text && { ...text, userId: event.userId, orderId: event.orderId };
}

/** What a new user is told. */
export function noticeOfUser({ userId, registered }: UserEvent): Notice | undefined {
  if (!registered) return undefined;
  const body = `Hello ${registered.displayName || registered.email}, your account is ready.`;
  return { userId, kind: 'NOTIFICATION_KIND_WELCOME', title: 'Welcome to Fairlead', body, orderId: '' };
}
