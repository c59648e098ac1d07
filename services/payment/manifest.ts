// The payment service as data. Two versions run side by side from this one code base: v2 weighs the risk of a charge.
// Charge and Refund are never repeated by the mesh: the contract gives them no idempotency level.
import { database, defineService, variable } from '#kit/manifest.ts';
import type { PaymentTables } from './gen/tables.ts';

export default defineService({
  name: 'payment',
  contract: 'fairlead.payment.v1.PaymentService',
  description: 'Takes money for orders and gives it back.',
  versions: ['v1', 'v2'],
  database: database<PaymentTables>(),
  publishes: ['fairlead.payment.v1.PaymentEvent'],
  config: {
    SLOW_CARD_DELAY: variable.duration({
      description: 'How long the test card `tok_slow` takes to be charged.',
      example: '3s',
      default: '3s',
    }),
  },
});
