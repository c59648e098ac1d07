// The order service as data: the writing side of orders, and the only caller that moves stock, money and parcels.
// What an order has come to leaves as OrderEvents; nobody reads this database but the service itself.
import { calls, database, defineService } from '#kit/manifest.ts';
import type { OrderTables } from './gen/tables.ts';

export default defineService({
  name: 'order',
  contract: 'fairlead.order.v1.OrderService',
  description: 'Places and cancels orders, as sagas over stock, payment and shipping.',
  calls: {
    catalog: calls('fairlead.catalog.v1.CatalogService', ['BatchGetProducts']),
    inventory: calls('fairlead.inventory.v1.InventoryService', ['Reserve', 'Release', 'Commit']),
    payment: calls('fairlead.payment.v1.PaymentService', ['Charge', 'Refund']),
    shipping: calls('fairlead.shipping.v1.ShippingService', ['Schedule', 'Cancel']),
  },
  database: database<OrderTables>(),
  publishes: ['fairlead.order.v1.OrderEvent'],
  consumes: ['fairlead.shipping.v1.ShipmentEvent'],
});
