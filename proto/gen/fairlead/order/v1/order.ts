// Generated from proto/ by `npm run generate`. Do not edit.
import type { Address } from '../../type/v1/address.ts';
import type { Money } from '../../type/v1/money.ts';

/** What a customer ordered, and how far it has come. */
export interface Order {
  /** UUIDv7. */
  orderId: string;
  /** UUIDv7. */
  userId: string;
  status: OrderStatus;
  /** Each product once. */
  items: OrderItem[];
  /** What all items cost together. */
  total: Money | null;
  /** Where it goes. */
  shippingAddress: Address | null;
  /** UUIDv7; empty until it is paid. */
  paymentId: string;
  /** UUIDv7; empty until the shipment is scheduled. */
  shipmentId: string;
  /** What was given back; absent: nothing. */
  refundedAmount: Money | null;
  /** Why it failed; absent unless it did. */
  failure: OrderFailure | null;
  /** When it was placed. */
  createTime: Date | null;
  /** When anything above last changed. */
  updateTime: Date | null;
  /** Sequence of the last event that is in here, so that an older state can be told from a newer. */
  sequence: number;
}

/** A number of pieces of one product, at the price of the day it was ordered. */
export interface OrderItem {
  /** UUIDv7. */
  productId: string;
  /** As the catalogue called it. */
  productName: string;
  /** In pieces. */
  quantity: number;
  /** For one piece. */
  unitPrice: Money | null;
  /** For all pieces. */
  lineTotal: Money | null;
}

/** Why an order failed. Whatever was reserved or charged for it has been given back. */
export interface OrderFailure {
  reason: FailureReason;
  /** For the customer. */
  message: string;
  /** The products that it failed for; empty where it was not about products. */
  productIds: string[];
}

/**
 * How far an order has come. Nothing happens to an order after a final status: what is given back
 * is given back before.
 */
export type OrderStatus =
  | 'ORDER_STATUS_UNSPECIFIED'
  | 'ORDER_STATUS_PENDING'
  | 'ORDER_STATUS_STOCK_RESERVED'
  | 'ORDER_STATUS_PAID'
  | 'ORDER_STATUS_SHIPMENT_SCHEDULED'
  | 'ORDER_STATUS_IN_TRANSIT'
  | 'ORDER_STATUS_DELIVERED'
  | 'ORDER_STATUS_FAILED'
  | 'ORDER_STATUS_CANCELLED';

/** Why an order could not be carried out. */
export type FailureReason =
  | 'FAILURE_REASON_UNSPECIFIED'
  | 'FAILURE_REASON_OUT_OF_STOCK'
  | 'FAILURE_REASON_PAYMENT_DECLINED'
  | 'FAILURE_REASON_PAYMENT_UNAVAILABLE'
  | 'FAILURE_REASON_SHIPPING_UNAVAILABLE'
  | 'FAILURE_REASON_INTERNAL';
