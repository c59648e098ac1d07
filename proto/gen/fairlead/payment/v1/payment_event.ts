// Generated from proto/ by `npm run generate`. Do not edit.
import type { Money } from '../../type/v1/money.ts';

/**
 * Something happened to a payment. Keyed by order id: events of one order's payments arrive in
 * order.
 */
export interface PaymentEvent {
  /** UUIDv7. */
  paymentId: string;
  /** UUIDv7. */
  orderId: string;
  /** UUIDv7. */
  userId: string;
  /** 1 for a payment's first event, then one more each time. */
  sequence: number;
  /** When it happened. */
  eventTime: Date | null;
  charged?: PaymentCharged;
  declined?: PaymentDeclined;
  refunded?: PaymentRefunded;
  /** Name of the field of this oneof that is set. */
  event?: 'charged' | 'declined' | 'refunded';
}

/** Money was taken. */
export interface PaymentCharged {
  amount: Money | null;
}

/** A charge was refused. */
export interface PaymentDeclined {
  /** What was asked for. */
  amount: Money | null;
  /** Upper snake case, such as `CARD_DECLINED`. */
  declineReason: string;
}

/** Money was given back. */
export interface PaymentRefunded {
  /** This time. */
  amount: Money | null;
  /** In all. */
  refundedAmount: Money | null;
  /** For people; may be empty. */
  reason: string;
}
