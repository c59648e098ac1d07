// Queries on shipments. A shipment is locked while it changes state; replicas skip what another one is moving.
import type { Kysely, Transaction } from 'kysely';
import { notFound } from '#kit';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { ShipmentRow, ShippingTables } from '../tables.ts';

async function recordState(db: Transaction<ShippingTables>, row: ShipmentRow): Promise<void> {
  const { shipment_id, sequence, state, updated_at } = row;
  await db.insertInto('shipment_states').values({ shipment_id, sequence, state, entered_at: updated_at }).execute();
}

export async function insertShipment(db: Transaction<ShippingTables>, row: ShipmentRow): Promise<void> {
  const address = JSON.stringify(row.address);
  await db
    .insertInto('shipments')
    .values({ ...row, address })
    .execute();
  await recordState(db, row);
}

/** @throws RpcError NOT_FOUND */
export async function getShipment(
  db: Kysely<ShippingTables>,
  shipmentId: string,
  lock?: 'for update',
): Promise<ShipmentRow> {
  const query = db.selectFrom('shipments').selectAll().where('shipment_id', '=', shipmentId);
  const row = await (lock === undefined ? query : query.forUpdate()).executeTakeFirst();
  if (row !== undefined) return row;
  throw notFound('shipment', shipmentId);
}

/** One shipment whose next step is due, locked. */
export function lockDueShipment(db: Transaction<ShippingTables>, now: Date): Promise<ShipmentRow | undefined> {
  return db
    .selectFrom('shipments')
    .selectAll()
    .where('next_step_at', '<=', now)
    .orderBy('next_step_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Brings a locked shipment into a state, and gives it as it is then. */
export async function changeState(
  db: Transaction<ShippingTables>,
  shipment: ShipmentRow,
  change: { readonly state: ShipmentState; readonly now: Date; readonly nextStepAt: Date | null },
): Promise<ShipmentRow> {
  const row = await db
    .updateTable('shipments')
    .set({
      state: change.state,
      sequence: shipment.sequence + 1,
      next_step_at: change.nextStepAt,
      updated_at: change.now,
    })
    .where('shipment_id', '=', shipment.shipment_id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await recordState(db, row);
  return row;
}

/** The states that the shipment came into after `sequence`, oldest first. */
export function statesAfter(
  db: Kysely<ShippingTables>,
  shipmentId: string,
  sequence: number,
): Promise<Pick<ShipmentRow, 'sequence' | 'state' | 'updated_at'>[]> {
  return db
    .selectFrom('shipment_states')
    .select(['sequence', 'state', 'entered_at as updated_at'])
    .where('shipment_id', '=', shipmentId)
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .execute();
}
