// The realtime service as data: rooms where people talk about an order.
// Who may join is asked of order-query as the user who joins; names come from user events.
import { calls, database, defineService, variable } from '#kit/manifest.ts';
import type { RealtimeTables } from './gen/tables.ts';

export default defineService({
  name: 'realtime',
  contract: 'fairlead.realtime.v1.RealtimeService',
  description: 'Rooms where customers and support talk about an order.',
  calls: { 'order-query': calls('fairlead.orderquery.v1.OrderQueryService', ['GetOrder']) },
  database: database<RealtimeTables>(),
  consumes: ['fairlead.user.v1.UserEvent'],
  config: {
    CHAT_BACKLOG: variable.integer({
      description: 'How many events may wait for a caller that reads slowly before it is cut off.',
      example: '256',
      default: 256,
      min: 1,
      max: 65536,
    }),
  },
  limits: { Chat: { maxRequestBytes: 32 * 1024, maxDuration: '12h' } },
});
