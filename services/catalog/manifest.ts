// The catalog service as data.
// It calls nobody: whoever needs its products asks for them.
import { database, defineService, variable } from '#kit/manifest.ts';
import type { CatalogTables } from './gen/tables.ts';

export default defineService({
  name: 'catalog',
  contract: 'fairlead.catalog.v1.CatalogService',
  description: 'What is sold, with prices.',
  database: database<CatalogTables>(),
  config: {
    CATALOG_GENERATED_PRODUCTS: variable.integer({
      description: 'Products to make up when the catalogue is empty at start; the same number gives the same products.',
      example: '1000',
      default: 1000,
      min: 0,
      max: 1_000_000,
    }),
  },
});
