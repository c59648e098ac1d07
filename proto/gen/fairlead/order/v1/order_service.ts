// Generated from proto/ by `npm run generate`. Do not edit.
import type { Address } from '../../type/v1/address.ts';
import type { Order } from './order.ts';

/** Asks for an order. Prices are the catalogue's, never the caller's. */
export interface CreateOrderRequest {
  /** Names this order (AIP-155). Empty: a repetition cannot be told from a second order. */
  requestId: string;
  /** UUIDv7, or `me` or nothing for the caller. Somebody else's takes the role `support` or `admin`. */
  userId: string;
  /** Quantities of the same product add up. */
  items: BasketItem[];
  /** Where it goes. */
  shippingAddress: Address | null;
  /**
   * Stands for a card; card numbers never reach the platform. Test cards:
   * `tok_approve` is charged, `tok_decline` is declined, `tok_slow` is charged after some seconds,
   * `tok_unavailable` finds the payment service unable to answer. Any other is declined.
   */
  paymentToken: string;
}

/** A number of pieces of one product. */
export interface BasketItem {
  productId: string;
  /** In pieces. */
  quantity: number;
}

/** The order as it is now. */
export interface CreateOrderResponse {
  order: Order | null;
}

/** Calls an order off. */
export interface CancelOrderRequest {
  orderId: string;
  /** Names this cancellation (AIP-155). */
  requestId: string;
  /** For people; may be empty. */
  reason: string;
}

/** The order as it is now. */
export interface CancelOrderResponse {
  order: Order | null;
}
