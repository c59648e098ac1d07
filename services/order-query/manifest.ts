// The order-query service as data: the reading side of orders, built from order events alone.
// It calls nobody and publishes nothing, so its database can be dropped and read again from the log.
import { database, defineService } from '#kit/manifest.ts';
import type { OrderQueryTables } from './gen/tables.ts';

export default defineService({
  name: 'order-query',
  contract: 'fairlead.orderquery.v1.OrderQueryService',
  description: 'Reads orders from a model that is built from order events alone.',
  database: database<OrderQueryTables>(),
  consumes: ['fairlead.order.v1.OrderEvent'],
});
