// Tables of the inventory service, as Kysely sees them; migrations/ makes them.
// CHECK constraints keep stock at zero or above whatever the code does.
import type { JSONColumnType } from 'kysely';

/** How much there is of one product. */
export interface StockTable {
  product_id: string;
  available: number;
  reserved: number;
  /** Grows with every change. */
  version: number;
  update_time: Date;
}

/** Pieces of one product. */
export interface ReservedItem {
  readonly productId: string;
  readonly quantity: number;
}

/** Pieces set aside for an order. */
export interface ReservationsTable {
  reservation_id: string;
  order_id: string;
  items: JSONColumnType<ReservedItem[]>;
  state: 'HELD' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
  create_time: Date;
  expire_time: Date;
}

export interface InventoryTables {
  stock: StockTable;
  reservations: ReservationsTable;
}
