// Tells of changed levels: an event a product for other services, one hint for those who watch.
// Every write of stock ends here, in its own transaction.
import type { UnitOfWork } from '#kit/context.ts';
import type { ReservationStatus } from './domain/reservation-change.ts';
import type manifest from './manifest.ts';
import { type StockRow, toLevel } from './store/stock.ts';

const changes = {
  HELD: 'STOCK_CHANGE_RESERVED',
  COMMITTED: 'STOCK_CHANGE_COMMITTED',
  RELEASED: 'STOCK_CHANGE_RELEASED',
  EXPIRED: 'STOCK_CHANGE_EXPIRED',
} as const;

/** Topic of the hint to watchers. */
export const stockTopic = 'stock';

/** Publishes levels that changed because of a reservation's new state, or because somebody counted. */
export async function publishStock(
  unit: UnitOfWork<typeof manifest>,
  rows: readonly StockRow[],
  reservation?: { readonly reservation_id: string; readonly state: ReservationStatus },
): Promise<void> {
  for (const row of rows) {
    await unit.publish({
      type: 'fairlead.inventory.v1.StockEvent',
      key: row.product_id,
      payload: {
        level: toLevel(row),
        change: reservation === undefined ? 'STOCK_CHANGE_SET' : changes[reservation.state],
        reservationId: reservation?.reservation_id ?? '',
        eventTime: row.update_time,
      },
    });
  }
  if (rows.length > 0) await unit.changed(stockTopic);
}
