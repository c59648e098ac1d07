// Generated from proto/ by `npm run generate`. Do not edit.
import type { Reservation, StockItem, StockLevel } from './stock.ts';

/** Asks for stock levels. */
export interface GetStockRequest {
  productIds: string[];
}

/** Those that are known. */
export interface GetStockResponse {
  /** In the order of the request. */
  levels: StockLevel[];
  /** Asked for, but unknown. */
  missingProductIds: string[];
}

/** Asks to set pieces aside. */
export interface ReserveRequest {
  /** Names this reservation (AIP-155). */
  requestId: string;
  orderId: string;
  /** Quantities of the same product add up. */
  items: StockItem[];
  /** How long to hold them; absent: the service's default. */
  timeToLive: { seconds: number; nanos: number } | null;
}

/** The reservation. */
export interface ReserveResponse {
  reservation: Reservation | null;
}

/** Gives a reservation back. */
export interface ReleaseRequest {
  reservationId: string;
}

/** The reservation as it is now. */
export interface ReleaseResponse {
  reservation: Reservation | null;
}

/** Makes a reservation final. */
export interface CommitRequest {
  reservationId: string;
}

/** The reservation as it is now. */
export interface CommitResponse {
  reservation: Reservation | null;
}

/** Asks to be told of changes. */
export interface WatchStockRequest {
  productIds: string[];
}

/** A level as it is now. */
export interface WatchStockResponse {
  level: StockLevel | null;
}

/** Sets stock levels, all of them or none. */
export interface SetStockRequest {
  counts: StockCount[];
}

/** How many pieces of a product were counted. */
export interface StockCount {
  productId: string;
  /** In pieces, without those set aside by reservations. */
  available: number;
}

/** The levels as they are now. */
export interface SetStockResponse {
  /** In the order of the request. */
  levels: StockLevel[];
}
