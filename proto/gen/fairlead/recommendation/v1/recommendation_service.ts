// Generated from proto/ by `npm run generate`. Do not edit.

/** Asks for recommendations. */
export interface GetRecommendationsRequest {
  /** UUIDv7, or `me` or nothing for the caller. Another user's are NOT_FOUND. */
  userId: string;
  /** At most this many; 0: the service's default. */
  pageSize: number;
  /** What is in the basket or on the page now; never recommended back. */
  productIds: string[];
}

/** Recommendations, best first. */
export interface GetRecommendationsResponse {
  recommendations: Recommendation[];
}

/** One recommended product. */
export interface Recommendation {
  /** UUIDv7. */
  productId: string;
  /** 0 to 1; only to be compared within one answer. */
  score: number;
  reason: RecommendationReason;
  /** The product that it is bought together with; empty for other reasons. */
  becauseOfProductId: string;
}

/** Why a product is recommended. */
export type RecommendationReason =
  | 'RECOMMENDATION_REASON_UNSPECIFIED'
  | 'RECOMMENDATION_REASON_BOUGHT_TOGETHER'
  | 'RECOMMENDATION_REASON_TRENDING';

/** Asks for what sells well. */
export interface GetTrendingRequest {
  /** At most this many; 0: the service's default. */
  pageSize: number;
  /** How far to look back; absent: the service's default. At least a minute, at most 30 days. */
  window: { seconds: number; nanos: number } | null;
}

/** What sells well, best first. */
export interface GetTrendingResponse {
  products: TrendingProduct[];
}

/** One product that sells well. */
export interface TrendingProduct {
  /** UUIDv7. */
  productId: string;
  /** Pieces sold within the window. */
  soldQuantity: number;
  /** Weighted towards the recent; only to be compared within one answer. */
  score: number;
}
