// A shipment as the contract's messages.
import type { Init, Message } from '#kit/contract/shapes.ts';
import type { Shipment, ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { ShipmentRow } from '../tables.ts';

/** The shipment as it is in its row. */
export function toShipment(row: ShipmentRow): Shipment {
  return {
    shipmentId: row.shipment_id,
    orderId: row.order_id,
    userId: row.user_id,
    state: row.state,
    address: row.address,
    trackingNumber: row.tracking_number,
    estimatedDeliveryTime: row.estimated_delivery_at,
    createTime: row.created_at,
    updateTime: row.updated_at,
  };
}

/** What the others are told when a shipment has come into the state of its row. */
export function toEvent(
  row: ShipmentRow,
  previousState: ShipmentState,
): Init<Message<'fairlead.shipping.v1.ShipmentEvent'>> {
  return {
    shipmentId: row.shipment_id,
    orderId: row.order_id,
    userId: row.user_id,
    sequence: row.sequence,
    eventTime: row.updated_at,
    state: row.state,
    previousState,
    trackingNumber: row.tracking_number,
    estimatedDeliveryTime: row.estimated_delivery_at,
  };
}
