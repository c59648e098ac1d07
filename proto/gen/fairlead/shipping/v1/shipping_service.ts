// Generated from proto/ by `npm run generate`. Do not edit.
import type { Address } from '../../type/v1/address.ts';
import type { Shipment } from './shipment.ts';

/** Asks for a shipment. */
export interface ScheduleRequest {
  /** Names this shipment (AIP-155). */
  requestId: string;
  orderId: string;
  userId: string;
  /** Where it goes. */
  address: Address | null;
  /** What goes into it. */
  items: ShipmentItem[];
}

/** A number of pieces of one product. */
export interface ShipmentItem {
  productId: string;
  /** In pieces. */
  quantity: number;
}

/** The shipment. */
export interface ScheduleResponse {
  shipment: Shipment | null;
}

/** Calls a shipment off. */
export interface CancelRequest {
  shipmentId: string;
}

/** The shipment as it is now. */
export interface CancelResponse {
  shipment: Shipment | null;
}

/** Asks to follow a shipment. */
export interface TrackRequest {
  shipmentId: string;
}

/** The shipment as it is now. */
export interface TrackResponse {
  shipment: Shipment | null;
}
