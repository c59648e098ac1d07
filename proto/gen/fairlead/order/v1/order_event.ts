// Generated from proto/ by `npm run generate`. Do not edit.
import type { Address } from '../../type/v1/address.ts';
import type { Money } from '../../type/v1/money.ts';
import type { OrderFailure, OrderItem, OrderStatus } from './order.ts';

/**
 * Something happened to an order. Keyed by order id: events of one order arrive in order. Every
 * event carries what most readers need, so that none has to remember earlier ones.
 */
export interface OrderEvent {
  /** UUIDv7. */
  orderId: string;
  /** Whose order. UUIDv7. */
  userId: string;
  /** 1 for an order's first event, then one more each time, without a gap. */
  sequence: number;
  /** When it happened. */
  eventTime: Date | null;
  /** What the order has come to with this event. */
  status: OrderStatus;
  /** What was ordered, each product once. */
  items: OrderItem[];
  /** What all items cost together. */
  total: Money | null;
  created?: OrderCreated;
  stockReserved?: StockReserved;
  paid?: OrderPaid;
  shipmentScheduled?: ShipmentScheduled;
  inTransit?: OrderInTransit;
  delivered?: OrderDelivered;
  failed?: OrderFailed;
  cancelled?: OrderCancelled;
  refunded?: OrderRefunded;
  /** Name of the field of this oneof that is set. */
  event?: 'created' | 'stockReserved' | 'paid' | 'shipmentScheduled' | 'inTransit' | 'delivered' | 'failed' | 'cancelled' | 'refunded';
}

/** The order was placed. */
export interface OrderCreated {
  /** Where it goes. */
  shippingAddress: Address | null;
}

/** The stock is set aside. */
export interface StockReserved {
  /** UUIDv7. */
  reservationId: string;
  /** When it is released by itself. */
  expireTime: Date | null;
}

/** The money was taken. */
export interface OrderPaid {
  /** UUIDv7. */
  paymentId: string;
  amount: Money | null;
  /** Version of the payment service that charged it, `v1` or `v2`. */
  paymentVersion: string;
}

/** The shipment is planned. */
export interface ShipmentScheduled {
  /** UUIDv7. */
  shipmentId: string;
  /** What the customer quotes to the carrier. */
  trackingNumber: string;
  /** When it should arrive. */
  estimatedDeliveryTime: Date | null;
}

/** The carrier has it. */
export interface OrderInTransit {
  /** UUIDv7. */
  shipmentId: string;
}

/** The customer has it. The last event. */
export interface OrderDelivered {
  /** UUIDv7. */
  shipmentId: string;
}

/** It could not be carried out. The last event: what was charged was refunded before. */
export interface OrderFailed {
  failure: OrderFailure | null;
}

/** It was called off. The last event: what was charged was refunded before. */
export interface OrderCancelled {
  /** For people; may be empty. */
  reason: string;
  /** Who called it off. UUIDv7. */
  cancelledByUserId: string;
}

/** Money was given back. The status stays what it was. */
export interface OrderRefunded {
  /** UUIDv7. */
  paymentId: string;
  /** This time. */
  amount: Money | null;
  /** In all. */
  refundedAmount: Money | null;
}
