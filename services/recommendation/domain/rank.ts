// One list from three sources, best first: bought together, then trending, then the order of the catalogue.
// Scores are comparable within the list only: each source has its own part of the range from 0 to 1.
import type { Recommendation } from '#proto/fairlead/recommendation/v1/recommendation_service.ts';

/** A product with what speaks for it; larger is better. */
export interface Candidate {
  readonly productId: string;
  readonly weight: number;
  /** The product that it was bought together with. */
  readonly becauseOf?: string;
}

/** Where recommendations come from, each best first. */
export interface Sources {
  readonly together: readonly Candidate[];
  readonly trending: readonly Candidate[];
  readonly catalogue: readonly string[];
}

/** Weights as a share of the greatest one, moved into the range from `low` to `high`. */
function scaled(candidates: readonly Candidate[], low: number, high: number): (candidate: Candidate) => number {
  const greatest = Math.max(...candidates.map(({ weight }) => weight), Number.MIN_VALUE);
  return ({ weight }) => low + (high - low) * (weight / greatest);
}

/** The best `limit` products, each once and none of those in `known`. */
export function rank({ together, trending, catalogue }: Sources, known: ReadonlySet<string>, limit: number) {
  const taken = new Set(known);
  const ranked: Recommendation[] = [];
  const take = (productId: string, rest: Omit<Recommendation, 'productId'>): void => {
    if (ranked.length >= limit || taken.has(productId)) return;
    taken.add(productId);
    ranked.push({ productId, ...rest });
  };
  const strong = scaled(together, 0.5, 1);
  for (const candidate of together) {
    take(candidate.productId, {
      score: strong(candidate),
      reason: 'RECOMMENDATION_REASON_BOUGHT_TOGETHER',
      becauseOfProductId: candidate.becauseOf ?? '',
    });
  }
  const weak = scaled(trending, 0, 0.5);
  for (const candidate of trending) {
    take(candidate.productId, {
      score: weak(candidate),
      reason: 'RECOMMENDATION_REASON_TRENDING',
      becauseOfProductId: '',
    });
  }
  for (const productId of catalogue) {
    take(productId, { score: 0, reason: 'RECOMMENDATION_REASON_UNSPECIFIED', becauseOfProductId: '' });
  }
  return ranked;
}
