// Where a mesh does not do what a scenario says, and why that is so. Everything else that differs is a mistake.
import type { Scenario } from './scenario.ts';

export interface KnownDifference {
  readonly driver: 'laptop' | 'cluster';
  /** `group: name` of the scenario. */
  readonly scenario: string;
  /** Every problem of the scenario must be one of these; anything else is a mistake after all. */
  readonly problems: RegExp;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    driver: 'cluster',
    scenario: 'deadlines: a deadline ends a stream',
    problems: /status (4|13):/,
    reason:
      "Envoy ends calls at the caller's deadline by a timer of its own. Where that timer is first, a stream that has begun is reset and the caller sees INTERNAL. The laptop mesh names the deadline, so its callers see DEADLINE_EXCEEDED whoever is first.",
  },
  {
    driver: 'cluster',
    scenario: "deadlines: the caller's own deadline comes first when it is shorter",
    problems: /status (4|14):/,
    reason: "As above: where Envoy's timer is first, it answers UNAVAILABLE.",
  },
  {
    driver: 'cluster',
    scenario: 'deadlines: a grpc-timeout header alone is kept by the mesh',
    problems: /status (4|14):/,
    reason:
      'Envoy calls a passed deadline UNAVAILABLE (HTTP 504), unless the service answers DEADLINE_EXCEEDED before. The laptop mesh answers DEADLINE_EXCEEDED, which is what the timer of a stock gRPC client says.',
  },
  {
    driver: 'laptop',
    scenario: "deadlines: a route's timeout shortens the deadline that the service sees",
    problems: /the service saw a deadline 60[0-2][0-9] ms ahead/,
    reason:
      'The laptop mesh tells the service 20 ms more than the timeout, so that it is the mesh that ends the call: on one machine a service would otherwise often be first, with another status.',
  },
];

/** The explanation of everything that differs, if there is one. */
export const explained = (
  driver: string,
  { group, name }: Scenario,
  problems: readonly string[],
): KnownDifference | undefined =>
  KNOWN_DIFFERENCES.find(
    (each) =>
      each.driver === driver &&
      each.scenario === `${group}: ${name}` &&
      problems.every((problem) => each.problems.test(problem)),
  );
