// Generated from proto/ by `npm run generate`. Do not edit.
import type { Address } from '../../type/v1/address.ts';

/** What is sent for one order. */
export interface Shipment {
  /** UUIDv7. */
  shipmentId: string;
  /** UUIDv7. */
  orderId: string;
  /** UUIDv7. */
  userId: string;
  state: ShipmentState;
  /** Where it goes. */
  address: Address | null;
  /** What the customer quotes to the carrier. */
  trackingNumber: string;
  /** When it should arrive. */
  estimatedDeliveryTime: Date | null;
  /** When it was scheduled. */
  createTime: Date | null;
  /** When its state last changed. */
  updateTime: Date | null;
}

/**
 * Where a shipment is. It goes through the states in this order, and can be cancelled until it is
 * in transit.
 */
export type ShipmentState =
  | 'SHIPMENT_STATE_UNSPECIFIED'
  | 'SHIPMENT_STATE_SCHEDULED'
  | 'SHIPMENT_STATE_PACKED'
  | 'SHIPMENT_STATE_IN_TRANSIT'
  | 'SHIPMENT_STATE_OUT_FOR_DELIVERY'
  | 'SHIPMENT_STATE_DELIVERED'
  | 'SHIPMENT_STATE_CANCELLED';
