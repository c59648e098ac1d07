// How far an order is, and what may still happen to it.
// The carrier's news counts only once the order is sure: until then it is remembered.
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';

const final: readonly OrderStatus[] = ['ORDER_STATUS_DELIVERED', 'ORDER_STATUS_FAILED', 'ORDER_STATUS_CANCELLED'];
const withCarrier: readonly ShipmentState[] = [
  'SHIPMENT_STATE_IN_TRANSIT',
  'SHIPMENT_STATE_OUT_FOR_DELIVERY',
  'SHIPMENT_STATE_DELIVERED',
];

/** True when nothing happens to the order any more. */
export function isFinal(status: OrderStatus): boolean {
  return final.includes(status);
}

/** What an order comes to, step by step, when its parcel is in this state. */
export function carrierSteps(status: OrderStatus, carrier: ShipmentState | null): ('inTransit' | 'delivered')[] {
  if (carrier === null || !withCarrier.includes(carrier)) return [];
  const delivered = carrier === 'SHIPMENT_STATE_DELIVERED' ? (['delivered'] as const) : [];
  if (status === 'ORDER_STATUS_SHIPMENT_SCHEDULED') return ['inTransit', ...delivered];
  return status === 'ORDER_STATUS_IN_TRANSIT' ? [...delivered] : [];
}

/** The error of calling off an order for which it is too late. */
export function tooLate(orderId: string, type: 'ALREADY_IN_TRANSIT' | 'ORDER_FINAL'): RpcError {
  const description =
    type === 'ORDER_FINAL'
      ? `order ${orderId} has ended and cannot be cancelled`
      : `order ${orderId} is with the carrier and cannot be cancelled; send it back when it arrives`;
  return new RpcError('FAILED_PRECONDITION', description, {
    reason: type,
    preconditionViolations: [{ type, subject: orderId, description }],
  });
}

/**
 * Whether an order can be called off: false when it is already.
 *
 * @throws RpcError FAILED_PRECONDITION once it is too late
 */
export function canBeCancelled(orderId: string, status: OrderStatus): boolean {
  if (status === 'ORDER_STATUS_CANCELLED') return false;
  if (status === 'ORDER_STATUS_IN_TRANSIT') throw tooLate(orderId, 'ALREADY_IN_TRANSIT');
  if (isFinal(status)) throw tooLate(orderId, 'ORDER_FINAL');
  return true;
}
