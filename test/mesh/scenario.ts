// A mesh scenario as data: services, rules, calls, and the verdict that any mesh must give.
// Drivers run the same scenario on the laptop mesh and on a cluster; nothing here knows which one it is.

/** What the called service is told to do; it is part of the request. */
export interface ServiceOrder {
  /** Fail with this gRPC status code. */
  readonly code?: number;
  /** Answer after so many milliseconds. */
  readonly delayMs?: number;
  /** Answer with so many octets, or stream so many messages. */
  readonly size?: number;
}

export interface Call {
  readonly from: string;
  readonly to: string;
  /** @default Unary */
  readonly method?: 'Unary' | 'Other';
  readonly headers?: Readonly<Record<string, string>>;
  readonly order?: ServiceOrder;
  /** The caller's own deadline. @default 10000 */
  readonly deadlineMs?: number;
  /** How often. @default 1 */
  readonly times?: number;
  /** How many at once. @default 1 */
  readonly atOnce?: number;
}

/** From and to, both included. */
export type Range = readonly [from: number, to: number];

/** What must be true of the calls of one step, together. Only what is given is compared. */
export interface Verdict {
  /** gRPC status codes, by how many calls got each; a number is exact. Codes that are not named must not occur. */
  readonly codes?: Readonly<Record<number, number | Range>>;
  /** Answered calls by instance label `service-version`, the same way. */
  readonly instances?: Readonly<Record<string, number | Range>>;
  /** Calls that reached the handlers of a service, retries counted. */
  readonly reached?: Readonly<Record<string, number | Range>>;
  /** Request headers as the service saw them, in every call; null is "absent". */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Response headers as the caller saw them, in every call. */
  readonly responseHeaders?: Readonly<Record<string, string | null>>;
  /** Every call took at least so many milliseconds. */
  readonly atLeastMs?: number;
}

export interface Step {
  readonly call: Call;
  readonly expect: Verdict;
}

export interface Scenario {
  readonly name: string;
  /** What it is about, for the report: a group such as `routing`. */
  readonly group: string;
  /** `service-version` of each instance that runs. Every one has its own account, named after its service. */
  readonly instances: readonly string[];
  /** Istio objects in the namespace that the driver chooses: `NAMESPACE` in the text is replaced by it. */
  readonly rules: string;
  readonly steps: readonly Step[];
}

/** What a driver reports of one call. */
export interface Observation {
  readonly code: number;
  readonly instance?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly tookMs: number;
}

/** Runs scenarios somewhere. */
export interface MeshDriver {
  readonly name: string;
  /** Services run and rules are in force when this resolves. */
  start(scenario: Scenario): Promise<RunningScenario>;
}

export interface RunningScenario {
  call(call: Call): Promise<readonly Observation[]>;
  /** Calls that reached a service's handlers so far. */
  reached(service: string): Promise<number>;
  close(): Promise<void>;
}
