// The way of a parcel: which state follows which, until when it can be called off, and when it should arrive.
import { failedPrecondition } from '#kit/errors/refusals.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';

const journey: readonly ShipmentState[] = [
  'SHIPMENT_STATE_SCHEDULED',
  'SHIPMENT_STATE_PACKED',
  'SHIPMENT_STATE_IN_TRANSIT',
  'SHIPMENT_STATE_OUT_FOR_DELIVERY',
  'SHIPMENT_STATE_DELIVERED',
];

/** The state after this one; undefined after a final state. */
export function nextState(state: ShipmentState): ShipmentState | undefined {
  const index = journey.indexOf(state);
  return index < 0 ? undefined : journey[index + 1];
}

/** True for a state that nothing follows. */
export function isFinal(state: ShipmentState): boolean {
  return nextState(state) === undefined;
}

/** When a parcel that is scheduled now arrives, at one state every `stepMs` milliseconds. */
export function estimateDelivery(now: Date, stepMs: number): Date {
  return new Date(now.getTime() + stepMs * (journey.length - 1));
}

/** What the customer quotes to the carrier: `FL` and 12 digits or capitals of the shipment's id. */
export function trackingNumberOf(shipmentId: string): string {
  return `FL${shipmentId.replaceAll('-', '').slice(-12).toUpperCase()}`;
}

/**
 * Whether calling the shipment off changes anything: false when it is called off already.
 *
 * @throws RpcError FAILED_PRECONDITION with a violation of type ALREADY_IN_TRANSIT once the carrier has it
 */
export function canBeCancelled(shipmentId: string, state: ShipmentState): boolean {
  if (state === 'SHIPMENT_STATE_CANCELLED') return false;
  if (state === 'SHIPMENT_STATE_SCHEDULED' || state === 'SHIPMENT_STATE_PACKED') return true;
  const description = `shipment ${shipmentId} is with the carrier or delivered; it can only be sent back now`;
  throw failedPrecondition('ALREADY_IN_TRANSIT', shipmentId, description);
}
