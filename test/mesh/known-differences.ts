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
  ...[
    'hosts by name and by wildcard, and no others',
    'a host that a Gateway takes and no VirtualService routes',
    'a host of another Gateway than the one to which its VirtualService is bound',
    'a Gateway says whose VirtualServices may take its hosts',
    'a VirtualService for every host is one for the hosts of its Gateway',
    'paths by prefix, as a whole and by regular expression, first match first',
  ].map(
    (name): KnownDifference => ({
      driver: 'laptop',
      scenario: `edge routing: ${name}`,
      problems:
        /body "no (?:Gateway takes|VirtualService of this gateway routes|route of \S+ matches) [^"]+", expected $/,
      reason: "Envoy's 404 for a request that no rule takes is empty. The laptop's says which rule is missing.",
    }),
  ),
  {
    driver: 'laptop',
    scenario: 'edge resilience: a subset that no rule declares',
    problems: /body "no DestinationRule declares the subset [^"]+", expected $/,
    reason: "As above: Envoy's 503 is empty, the laptop's names the subset.",
  },
  {
    driver: 'laptop',
    scenario: "edge HTTP: a field of the client's that has a name like Envoy's",
    problems: /request header x-envoy-mine: absent, expected mine/,
    reason:
      'Envoy drops the fields from outside that it knows to steer it. The laptop drops all that begin with x-envoy-, so that none is forgotten.',
  },
  {
    driver: 'laptop',
    scenario: 'edge HTTP: two Hosts, and an empty one',
    problems: /status 40[04]:/,
    reason:
      'Both refuse. Envoy takes the request for one to a host that nobody routes (404); the laptop says that it is no good one (400), as RFC 9112, 3.2 asks, also where a Gateway takes every host.',
  },
  {
    driver: 'laptop',
    scenario: "edge HTTP: a field that the service's Connection names",
    problems: /response header x-of-hop: absent, expected 1/,
    reason: 'Envoy passes on what an answer marks as meant for its hop alone. The laptop does not (RFC 9110, 7.6.1).',
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
