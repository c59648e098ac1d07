// Kysely table interface of the shipping database, see migrations/.
// `next_step_at` is null in a final state: only rows with a time are looked at by the worker.
import type { Generated } from 'kysely';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

export interface ShippingTables {
  shipments: ShipmentRow;
}

export interface ShipmentRow {
  shipment_id: string;
  order_id: string;
  user_id: string;
  state: ShipmentState;
  address: Address;
  tracking_number: string;
  estimated_delivery_at: Date;
  next_step_at: Date | null;
  sequence: Generated<number>;
  created_at: Date;
  updated_at: Date;
}
