// Bounds of a binomial share: a canary of 10 % of 1,000 calls is not exactly 100, and a test must know how far off is odd.

/**
 * The smallest and largest count that are within `sigmas` standard deviations of what a weight gives.
 *
 * @param share weight between 0 and 1
 * @param sigmas 4 gives a false alarm once in 16,000 runs. @default 4
 */
export function binomialBounds(
  calls: number,
  share: number,
  sigmas = 4,
): { readonly low: number; readonly high: number } {
  const deviation = Math.sqrt(calls * share * (1 - share)) * sigmas;
  return {
    low: Math.max(0, Math.floor(calls * share - deviation)),
    high: Math.min(calls, Math.ceil(calls * share + deviation)),
  };
}
