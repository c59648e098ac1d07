// Tables of the inventory service, as Kysely sees them; migrations/ makes them.
// CHECK constraints keep stock at zero or above whatever the code does.
import type { JSONColumnType } from 'kysely';
import type { Pieces } from './domain/pieces.ts';
import type { ReservationStatus } from './domain/reservation-change.ts';

/** How much there is of one product. */
export interface StockTable {
  product_id: string;
  available: number;
  reserved: number;
  /** Grows with every change. */
  version: number;
  update_time: Date;
}

/** Pieces set aside for an order. */
export interface ReservationsTable {
  reservation_id: string;
  order_id: string;
  items: JSONColumnType<readonly Pieces[]>;
  state: ReservationStatus;
  create_time: Date;
  expire_time: Date;
}

export interface InventoryTables {
  stock: StockTable;
  reservations: ReservationsTable;
}
