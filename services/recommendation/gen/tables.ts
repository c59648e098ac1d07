// Generated from services/recommendation/migrations by `npm run generate`. Do not edit.
import type { Selectable } from 'kysely';

/** The tables of the recommendation service, for Kysely. */
export interface RecommendationTables {
  boughtTogether: BoughtTogetherTable;
  purchases: PurchasesTable;
}

export interface BoughtTogetherTable {
  productId: string;
  otherProductId: string;
  orderCount: number;
}

export type BoughtTogetherRow = Selectable<BoughtTogetherTable>;

export interface PurchasesTable {
  orderId: string;
  productId: string;
  userId: string;
  quantity: number;
  purchaseTime: Date;
}

export type PurchasesRow = Selectable<PurchasesTable>;
