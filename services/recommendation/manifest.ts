// The recommendation service as data.
// All that it knows comes from order events, so its database can be rebuilt from the event log.
import { calls, database, defineService } from '#kit/manifest.ts';
import type { RecommendationTables } from './gen/tables.ts';

export default defineService({
  name: 'recommendation',
  contract: 'fairlead.recommendation.v1.RecommendationService',
  description: 'What a user may like, learnt from order events.',
  calls: {
    catalog: calls('fairlead.catalog.v1.CatalogService', ['ListProducts']),
  },
  database: database<RecommendationTables>(),
  consumes: ['fairlead.order.v1.OrderEvent'],
});
