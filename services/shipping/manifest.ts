// The shipping service as data. The carrier is an inner clock: a background worker moves shipments on.
// How long a shipment stays in one state is configured, so that a laptop sees a delivery within seconds.
import { database, defineService, variable } from '#kit/manifest.ts';
import type { ShippingTables } from './gen/tables.ts';

export default defineService({
  name: 'shipping',
  contract: 'fairlead.shipping.v1.ShippingService',
  description: 'Gets parcels to customers and says where they are.',
  database: database<ShippingTables>(),
  publishes: ['fairlead.shipping.v1.ShipmentEvent'],
  config: {
    SHIPMENT_STEP: variable.duration({
      description: 'How long a shipment stays in one state before it comes into the next.',
      example: '2s',
      default: '2s',
    }),
  },
});
