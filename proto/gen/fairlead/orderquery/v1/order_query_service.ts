// Generated from proto/ by `npm run generate`. Do not edit.
import type { Order, OrderStatus } from '../../order/v1/order.ts';

/** Asks for an order. */
export interface GetOrderRequest {
  orderId: string;
}

/** The order. */
export interface GetOrderResponse {
  order: Order | null;
  /** What happened to it, oldest first. */
  history: OrderMilestone[];
}

/** Something that happened to an order. */
export interface OrderMilestone {
  /** 1 for the first. */
  sequence: number;
  /** When it happened. */
  eventTime: Date | null;
  kind: OrderMilestoneKind;
  /** What the order came to with it. */
  status: OrderStatus;
  /** For the customer, such as a tracking number or a reason; may be empty. */
  note: string;
}

/** The events of an order, by kind. */
export type OrderMilestoneKind =
  | 'ORDER_MILESTONE_KIND_UNSPECIFIED'
  | 'ORDER_MILESTONE_KIND_CREATED'
  | 'ORDER_MILESTONE_KIND_STOCK_RESERVED'
  | 'ORDER_MILESTONE_KIND_PAID'
  | 'ORDER_MILESTONE_KIND_SHIPMENT_SCHEDULED'
  | 'ORDER_MILESTONE_KIND_IN_TRANSIT'
  | 'ORDER_MILESTONE_KIND_DELIVERED'
  | 'ORDER_MILESTONE_KIND_FAILED'
  | 'ORDER_MILESTONE_KIND_CANCELLED'
  | 'ORDER_MILESTONE_KIND_REFUNDED';

/** Asks for a page of orders. */
export interface ListUserOrdersRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** At most this many; 0: the service's default. */
  pageSize: number;
  /** From the last answer's `next_page_token`, with the same filter; empty: from the start. */
  pageToken: string;
  /** Only orders with one of these; empty: all. */
  statuses: OrderStatus[];
}

/** One page of orders. */
export interface ListUserOrdersResponse {
  orders: Order[];
  /** Empty: this was the last page. */
  nextPageToken: string;
  /** On all pages together. */
  totalSize: number;
}

/** Asks to follow an order. */
export interface WatchOrderRequest {
  orderId: string;
  /** Only what comes after this event, to go on where a stream broke off; 0: from now. */
  afterSequence: number;
}

/** The order as it is with the event. */
export interface WatchOrderResponse {
  order: Order | null;
  /** The last thing that happened to it. */
  milestone: OrderMilestone | null;
}
