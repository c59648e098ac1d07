// Orders as rows, messages and events, and as what the other services are asked for. Every change is told.
import { aggregateOf, type Filled } from '#kit';
import type { Order } from '#proto/fairlead/order/v1/order.ts';
import { carrierNews } from '../domain/progress.ts';
import type { OrdersRow } from '../gen/tables.ts';
import type manifest from '../manifest.ts';

const money = ({ currency: currencyCode }: Pick<OrdersRow, 'currency'>, units: number) => ({ currencyCode, units });

export const orders = aggregateOf<typeof manifest>()({
  table: 'orders',
  key: 'orderId',
  event: 'fairlead.order.v1.OrderEvent',
  eventKey: 'orderId',
  describe: ({ refunded: _, ...row }) => ({ ...row, total: money(row, row.total) }),
  follows: carrierNews,
});

export function toOrder(row: OrdersRow): { order: Filled<Order> } {
  const { createdAt: createTime, updatedAt: updateTime } = row;
  const refundedAmount = row.refunded === 0 ? null : money(row, row.refunded);
  return { order: { ...row, total: money(row, row.total), refundedAmount, createTime, updateTime } };
}

export function chargeOf(row: OrdersRow) {
  const { orderId, userId, paymentToken } = row;
  return { requestId: orderId, orderId, userId, amount: money(row, row.total), paymentToken: paymentToken ?? '' };
}

export function parcelOf({ orderId, userId, shippingAddress: address, items }: OrdersRow) {
  return { requestId: orderId, orderId, userId, address, items };
}
