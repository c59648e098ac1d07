// The inventory service as data.
// It learns from the catalogue once, when its own stock table is empty, which products there are.
import { calls, database, defineService, variable } from '#kit/manifest.ts';
import type { InventoryTables } from './gen/tables.ts';

export default defineService({
  name: 'inventory',
  contract: 'fairlead.inventory.v1.InventoryService',
  description: 'How much there is of each product, and reservations of it; never below zero.',
  calls: {
    catalog: calls('fairlead.catalog.v1.CatalogService', ['ListProducts']),
  },
  database: database<InventoryTables>(),
  publishes: ['fairlead.inventory.v1.StockEvent'],
  config: {
    INVENTORY_RESERVATION_LIFETIME: variable.duration({
      description: 'How long a reservation is held when the caller does not say.',
      example: '15m',
      default: '15m',
    }),
    INVENTORY_SWEEP_INTERVAL: variable.duration({
      description: 'How often reservations whose time ran out are given back.',
      example: '5s',
      default: '5s',
    }),
  },
});
