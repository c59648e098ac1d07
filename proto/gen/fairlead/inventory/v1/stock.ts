// Generated from proto/ by `npm run generate`. Do not edit.

/** How much there is of one product. In pieces; never below zero. */
export interface StockLevel {
  /** UUIDv7. */
  productId: string;
  /** Can be reserved now. */
  available: number;
  /** Set aside by reservations that are neither committed nor released. */
  reserved: number;
  /** Grows with every change, so that an older level can be told from a newer one. */
  version: number;
  /** When it last changed. */
  updateTime: Date | null;
}

/** A number of pieces of one product. */
export interface StockItem {
  productId: string;
  /** In pieces. */
  quantity: number;
}

/** Pieces set aside for an order. */
export interface Reservation {
  /** UUIDv7. */
  reservationId: string;
  /** UUIDv7. */
  orderId: string;
  /** What is set aside, each product once. */
  items: StockItem[];
  state: ReservationState;
  /** When it is released by itself, unless it is committed before. */
  expireTime: Date | null;
}

/** What became of a reservation. */
export type ReservationState =
  | 'RESERVATION_STATE_UNSPECIFIED'
  | 'RESERVATION_STATE_HELD'
  | 'RESERVATION_STATE_COMMITTED'
  | 'RESERVATION_STATE_RELEASED'
  | 'RESERVATION_STATE_EXPIRED';
