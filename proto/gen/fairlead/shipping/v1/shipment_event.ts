// Generated from proto/ by `npm run generate`. Do not edit.
import type { ShipmentState } from './shipment.ts';

/**
 * A shipment came into a state, its first one included. Keyed by order id: events of one order's
 * shipment arrive in order.
 */
export interface ShipmentEvent {
  /** UUIDv7. */
  shipmentId: string;
  /** UUIDv7. */
  orderId: string;
  /** UUIDv7. */
  userId: string;
  /** 1 for a shipment's first event, then one more each time. */
  sequence: number;
  /** When it happened. */
  eventTime: Date | null;
  /** The state that it came into. */
  state: ShipmentState;
  /** The state that it was in; UNSPECIFIED with the first event. */
  previousState: ShipmentState;
  /** What the customer quotes to the carrier. */
  trackingNumber: string;
  /** When it should arrive. */
  estimatedDeliveryTime: Date | null;
}
