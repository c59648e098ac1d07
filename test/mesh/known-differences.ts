// Where a mesh does not do what a scenario says, and why that is so. Everything else that differs is a mistake.
import type { Scenario } from './scenario.ts';

export interface KnownDifference {
  /** `laptop` or `cluster`. */
  readonly driver: string;
  /** `group: name` of the scenario. */
  readonly scenario: string;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];

export const knownDifferences = (driver: string, { group, name }: Scenario): KnownDifference | undefined =>
  KNOWN_DIFFERENCES.find((each) => each.driver === driver && each.scenario === `${group}: ${name}`);
