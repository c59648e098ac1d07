// How far an order is, and what may still happen to it.
// The carrier's news counts only once the order is sure: until then it is remembered.
import { failedPrecondition, type RpcError } from '#kit';
import type { OrdersRow } from '../gen/tables.ts';

const underway = ['SHIPMENT_STATE_IN_TRANSIT', 'SHIPMENT_STATE_OUT_FOR_DELIVERY', 'SHIPMENT_STATE_DELIVERED'];

/** The next step that an order comes to because of where its parcel is. */
export function carrierNews({ status, carrierState, shipmentId }: OrdersRow) {
  if (status === 'ORDER_STATUS_SHIPMENT_SCHEDULED' && underway.includes(carrierState ?? '')) {
    return { patch: { status: 'ORDER_STATUS_IN_TRANSIT' as const }, happening: { inTransit: { shipmentId } } };
  }
  if (status === 'ORDER_STATUS_IN_TRANSIT' && carrierState === 'SHIPMENT_STATE_DELIVERED') {
    return { patch: { status: 'ORDER_STATUS_DELIVERED' as const }, happening: { delivered: { shipmentId } } };
  }
  return undefined;
}

/** The error of calling off an order whose parcel has left. */
export function tooLate(id: string): RpcError {
  const description = `order ${id} is with the carrier and cannot be cancelled; send it back when it arrives`;
  return failedPrecondition('ALREADY_IN_TRANSIT', id, description);
}

/**
 * Whether an order can be called off: false when it is, or is about to be. One that is still being placed is called off as
 * soon as it is placed.
 *
 * @throws RpcError FAILED_PRECONDITION once it is too late
 */
export function canBeCancelled({ orderId: id, status, cancellation }: OrdersRow): boolean {
  if (status === 'ORDER_STATUS_CANCELLED') return false;
  if (status === 'ORDER_STATUS_IN_TRANSIT') throw tooLate(id);
  const over = status === 'ORDER_STATUS_DELIVERED' || status === 'ORDER_STATUS_FAILED';
  if (over) throw failedPrecondition('ORDER_FINAL', id, `order ${id} has ended and cannot be cancelled`);
  return cancellation === null;
}
