// Tables of the recommendation service, as Kysely sees them; migrations/ makes them.
// Both are made from order events alone.

/** What an order that was paid for holds of one product. */
export interface PurchasesTable {
  order_id: string;
  product_id: string;
  user_id: string;
  quantity: number;
  purchase_time: Date;
}

/** In how many orders two products stand together; each pair is there in both directions. */
export interface BoughtTogetherTable {
  product_id: string;
  other_product_id: string;
  order_count: number;
}

export interface RecommendationTables {
  purchases: PurchasesTable;
  bought_together: BoughtTogetherTable;
}
