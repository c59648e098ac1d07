// Getting parcels to customers. A background round moves each shipment on when its time in a state is over.
// Every change of state is one unit of work: the row, its history, the event, and the word to those who follow it.
import { v7 } from 'uuid';
import { type Application, implement, milliseconds, repeat, type UnitOfWork } from '#kit';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import { canBeCancelled, estimateDelivery, isFinal, nextState, trackingNumberOf } from './domain/journey.ts';
import { toEvent, toShipment } from './domain/shipment-message.ts';
import manifest from './manifest.ts';
import { changeState, getShipment, insertShipment, lockDueShipment, statesAfter } from './store/shipments.ts';
import type { ShipmentRow } from './tables.ts';

const topic = (shipmentId: string): string => `shipment/${shipmentId.toLowerCase()}`;

async function tell(unit: UnitOfWork<typeof manifest>, row: ShipmentRow, previous: ShipmentState): Promise<void> {
  const payload = toEvent(row, previous);
  await unit.publish({ type: 'fairlead.shipping.v1.ShipmentEvent', key: row.order_id, payload });
  await unit.changed(topic(row.shipment_id));
}

/** Moves one due shipment into its next state; false when none is due. */
function moveOn(application: Application<typeof manifest>): Promise<boolean> {
  const stepMs = milliseconds(application.config.SHIPMENT_STEP);
  return application.transaction(async (unit) => {
    const now = application.clock.now();
    const shipment = await lockDueShipment(unit.db, now);
    const state = shipment && nextState(shipment.state);
    if (shipment === undefined || state === undefined) return false;
    const nextStepAt = isFinal(state) ? null : new Date(now.getTime() + stepMs);
    await tell(unit, await changeState(unit.db, shipment, { state, now, nextStepAt }), shipment.state);
    return true;
  });
}

export default implement(
  manifest,
  {
    async schedule(request, context) {
      const { shipment } = await context.once(request, async (unit) => {
        const now = context.clock.now();
        const stepMs = milliseconds(context.config.SHIPMENT_STEP);
        const shipmentId = v7();
        const row: ShipmentRow = {
          shipment_id: shipmentId,
          order_id: request.orderId,
          user_id: request.userId,
          address: request.address,
          tracking_number: trackingNumberOf(shipmentId),
          estimated_delivery_at: estimateDelivery(now, stepMs),
          state: 'SHIPMENT_STATE_SCHEDULED',
          sequence: 1,
          next_step_at: new Date(now.getTime() + stepMs),
          created_at: now,
          updated_at: now,
        };
        await insertShipment(unit.db, row);
        await tell(unit, row, 'SHIPMENT_STATE_UNSPECIFIED');
        return { shipment: { shipmentId } };
      });
      return { shipment: toShipment(await getShipment(context.db, shipment.shipmentId)) };
    },

    async cancel({ shipmentId }, context) {
      const row = await context.transaction(async (unit) => {
        const shipment = await getShipment(unit.db, shipmentId, 'for update');
        if (!canBeCancelled(shipmentId, shipment.state)) return shipment;
        const now = context.clock.now();
        const change = { state: 'SHIPMENT_STATE_CANCELLED', now, nextStepAt: null } as const;
        const cancelled = await changeState(unit.db, shipment, change);
        await tell(unit, cancelled, shipment.state);
        return cancelled;
      });
      return { shipment: toShipment(row) };
    },

    async *track({ shipmentId }, context) {
      let sent = 0;
      for await (const _ of context.changes(topic(shipmentId))) {
        const shipment = await getShipment(context.db, shipmentId);
        const states = sent === 0 ? [shipment] : await statesAfter(context.db, shipmentId, sent);
        for (const step of states) {
          yield { shipment: toShipment({ ...shipment, ...step }) };
          sent = step.sequence;
          if (isFinal(step.state)) return;
        }
      }
    },
  },
  {
    async start(application) {
      const step = milliseconds(application.config.SHIPMENT_STEP);
      void repeat(application, { name: 'moving shipments on', every: `${Math.min(step / 4, 1_000)}ms` }, () =>
        moveOn(application),
      );
    },
  },
);
