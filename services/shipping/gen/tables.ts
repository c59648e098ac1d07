// Generated from services/shipping/migrations by `npm run generate`. Do not edit.
import type { Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

/** The tables of the shipping service, for Kysely. */
export interface ShippingTables {
  shipmentStates: ShipmentStatesTable;
  shipments: ShipmentsTable;
}

export interface ShipmentStatesTable {
  shipmentId: string;
  sequence: number;
  state: ShipmentState;
  enteredAt: Date;
}

export type ShipmentStatesRow = Selectable<ShipmentStatesTable>;

export interface ShipmentsTable {
  shipmentId: string;
  orderId: string;
  userId: string;
  address: JsonColumn<Address | null>;
  trackingNumber: string;
  estimatedDeliveryAt: Date;
  state: ShipmentState;
  sequence: number;
  nextStepAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export type ShipmentsRow = Selectable<ShipmentsTable>;
