// Generated from services/inventory/migrations by `npm run generate`. Do not edit.
import type { Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { StockItem } from '#proto/fairlead/inventory/v1/stock.ts';

/** The tables of the inventory service, for Kysely. */
export interface InventoryTables {
  reservations: ReservationsTable;
  stock: StockTable;
}

export interface ReservationsTable {
  reservationId: string;
  orderId: string;
  items: JsonColumn<StockItem[]>;
  state: 'HELD' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
  createTime: Date;
  expireTime: Date;
}

export type ReservationsRow = Selectable<ReservationsTable>;

export interface StockTable {
  productId: string;
  available: number;
  reserved: number;
  version: number;
  updateTime: Date;
}

export type StockRow = Selectable<StockTable>;
