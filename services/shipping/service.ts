// Getting parcels to customers. A background round moves each shipment on when its time in a state is over.
// Every change of state is one unit of work: the row, its history, the event, and the word to those who follow it.
import { v7 } from 'uuid';
import { type Application, follow, implement, json, milliseconds, repeat } from '#kit';
import { canBeCancelled, estimateDelivery, isFinal, nextState, trackingNumberOf } from './domain/journey.ts';
import manifest from './manifest.ts';
import { enter, lockDue, remember, shipments, statesAfter, topicOf, toShipment } from './store/shipments.ts';

/** Moves one due shipment into its next state; false when none is due. */
function moveOn(application: Application<typeof manifest>): Promise<boolean> {
  const stepMs = milliseconds(application.config.SHIPMENT_STEP);
  return application.transaction(async (unit) => {
    const now = application.clock.now();
    const shipment = await lockDue(unit, now);
    const state = shipment && nextState(shipment.state);
    if (shipment === undefined || state === undefined) return false;
    await enter(unit, shipment, state, isFinal(state) ? null : new Date(now.getTime() + stepMs));
    return true;
  });
}

export default implement(
  manifest,
  {
    async schedule(request, context) {
      const { orderId, userId, address } = request;
      const shipment = await shipments.createdOnce(context, request, async (unit) => {
        const now = context.clock.now();
        const stepMs = milliseconds(context.config.SHIPMENT_STEP);
        const shipmentId = v7();
        const row = {
          shipmentId,
          orderId,
          userId,
          address: json(address),
          trackingNumber: trackingNumberOf(shipmentId),
          estimatedDeliveryAt: estimateDelivery(now, stepMs),
          state: 'SHIPMENT_STATE_SCHEDULED' as const,
          nextStepAt: new Date(now.getTime() + stepMs),
        };
        return remember(unit, await shipments.create(unit, row, { previousState: 'SHIPMENT_STATE_UNSPECIFIED' }));
      });
      return { shipment: toShipment(shipment) };
    },

    async cancel({ shipmentId }, context) {
      const shipment = await context.transaction(async (unit) => {
        const present = await shipments.lock(unit.db, shipmentId);
        if (!canBeCancelled(shipmentId, present.state)) return present;
        return enter(unit, present, 'SHIPMENT_STATE_CANCELLED', null);
      });
      return { shipment: toShipment(shipment) };
    },

    async *track({ shipmentId }, context) {
      const shipment = await shipments.get(context.db, shipmentId);
      yield { shipment: toShipment(shipment) };
      if (isFinal(shipment.state)) return;
      const later = (after: number, limit: number) => statesAfter(context.db, shipmentId, after, limit);
      for await (const step of follow(context.changes(topicOf(shipmentId)), shipment.sequence, later)) {
        yield { shipment: toShipment({ ...shipment, ...step }) };
        if (isFinal(step.state)) return;
      }
    },
  },
  {
    async start(application) {
      const step = milliseconds(application.config.SHIPMENT_STEP);
      const round = { name: 'moving shipments on', every: `${Math.min(step / 4, 1_000)}ms` } as const;
      void repeat(application, round, () => moveOn(application));
    },
  },
);
