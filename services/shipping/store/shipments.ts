// Shipments as rows, messages and events, and each state that one came into, for those who follow it.
import type { Kysely } from 'kysely';
import { aggregateOf, type Filled, type UnitOfWork } from '#kit';
import type { Shipment, ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { ShipmentsRow, ShippingTables } from '../gen/tables.ts';
import type manifest from '../manifest.ts';

type Unit = UnitOfWork<typeof manifest>;

export const topicOf = (shipmentId: string): string => `shipment/${shipmentId.toLowerCase()}`;

export const shipments = aggregateOf<typeof manifest>()({
  table: 'shipments',
  key: 'shipmentId',
  event: 'fairlead.shipping.v1.ShipmentEvent',
  eventKey: 'orderId',
  describe: ({ estimatedDeliveryAt, ...row }) => ({ ...row, estimatedDeliveryTime: estimatedDeliveryAt }),
  topic: topicOf,
});

export function toShipment(row: ShipmentsRow): Filled<Shipment> {
  const { estimatedDeliveryAt: estimatedDeliveryTime, createdAt: createTime, updatedAt: updateTime } = row;
  return { ...row, estimatedDeliveryTime, createTime, updateTime };
}

/** Remembers the state that a shipment has come into, in the unit of work that brought it there. */
export async function remember({ db }: Unit, row: ShipmentsRow): Promise<ShipmentsRow> {
  const { shipmentId, sequence, state, updatedAt: enteredAt } = row;
  await db.insertInto('shipmentStates').values({ shipmentId, sequence, state, enteredAt }).execute();
  return row;
}

/** Brings a locked shipment into a state. */
export async function enter(unit: Unit, shipment: ShipmentsRow, state: ShipmentState, nextStepAt: Date | null) {
  const happening = { previousState: shipment.state };
  return remember(unit, await shipments.change(unit, shipment.shipmentId, { state, nextStepAt }, happening));
}

/** One shipment whose next step is due, locked; replicas skip what another one is moving. */
export function lockDue({ db }: Unit, now: Date): Promise<ShipmentsRow | undefined> {
  const due = db.selectFrom('shipments').selectAll().where('nextStepAt', '<=', now).orderBy('nextStepAt');
  return due.limit(1).forUpdate().skipLocked().executeTakeFirst();
}

/** The states that the shipment came into after `sequence`, oldest first. */
export function statesAfter(db: Kysely<ShippingTables>, shipmentId: string, sequence: number, limit: number) {
  const states = db.selectFrom('shipmentStates').select(['sequence', 'state', 'enteredAt as updatedAt']);
  const later = states.where('shipmentId', '=', shipmentId).where('sequence', '>', sequence);
  return later.orderBy('sequence').limit(limit).execute();
}
