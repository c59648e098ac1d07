// Generated from proto/ by `npm run generate`. Do not edit.
import type { StockLevel } from './stock.ts';

/** The stock of a product changed. Keyed by product id: events of one product arrive in order. */
export interface StockEvent {
  /** As it is after the change. */
  level: StockLevel | null;
  change: StockChange;
  /** The reservation that caused it; empty where none did. */
  reservationId: string;
  /** When it happened. */
  eventTime: Date | null;
}

/** Why stock changed. */
export type StockChange =
  | 'STOCK_CHANGE_UNSPECIFIED'
  | 'STOCK_CHANGE_SET'
  | 'STOCK_CHANGE_RESERVED'
  | 'STOCK_CHANGE_COMMITTED'
  | 'STOCK_CHANGE_RELEASED'
  | 'STOCK_CHANGE_EXPIRED';
