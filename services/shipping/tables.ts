// Kysely table interface of the shipping database, see migrations/.
// A shipment row holds the present state; shipment_states holds all that it came through, for those who follow it.
import type { JSONColumnType, Selectable } from 'kysely';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

export interface ShippingTables {
  shipments: ShipmentsTable;
  shipment_states: ShipmentStatesTable;
}

export interface ShipmentsTable {
  shipment_id: string;
  order_id: string;
  user_id: string;
  address: JSONColumnType<Address | null, string, string>;
  tracking_number: string;
  estimated_delivery_at: Date;
  state: ShipmentState;
  sequence: number;
  next_step_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export type ShipmentRow = Selectable<ShipmentsTable>;

export interface ShipmentStatesTable {
  shipment_id: string;
  sequence: number;
  state: ShipmentState;
  entered_at: Date;
}
