// Brings an order to where its parcel is.
import type { UnitOfWork } from '#kit/context.ts';
import { carrierSteps } from '../domain/progress.ts';
import type manifest from '../manifest.ts';
import { record } from '../store/orders.ts';
import type { OrderRow } from '../tables.ts';

const statuses = { inTransit: 'ORDER_STATUS_IN_TRANSIT', delivered: 'ORDER_STATUS_DELIVERED' } as const;

/** Tells what the carrier did since the order's last event. The row is locked by the caller. */
export async function followCarrier(unit: UnitOfWork<typeof manifest>, order: OrderRow): Promise<void> {
  for (const step of carrierSteps(order.status, order.carrier_state)) {
    const happening = { [step]: { shipmentId: order.shipment_id ?? '' } };
    await record(unit, order.order_id, { patch: { status: statuses[step] }, happening });
  }
}
