// A mesh scenario as data: rules, calls, and the verdict that any mesh must give.
// Drivers run the same scenario on the laptop mesh and on a cluster; nothing here knows which one it is.

/**
 * Who takes part: `client` and `stranger` call, each with an account of its own; `outsider` has no sidecar; `shadow` takes
 * mirrored calls; `server` answers, with the versions v1 and v2 where the scenario does not keep it for itself.
 */
export type Caller = 'client' | 'stranger' | 'outsider';
export type Callee = 'server' | 'shadow';

/** `single` is the name of a call with one message each way. */
export type CallKind = 'single' | 'serverStream' | 'clientStream' | 'bidi';

/** What the called service is told to do; it travels in the header `x-order`. */
export interface Order {
  /** Fail with this gRPC status; a stream fails after its messages. */
  readonly code?: number;
  /** Only the first so many attempts of each call fail. @default all */
  readonly failFirst?: number;
  /** Only this instance misbehaves, for example `server-v2`. @default all */
  readonly only?: string;
  /** Answer after so many milliseconds; between two messages in a stream. @default 0 */
  readonly delayMs?: number;
  /** Answer with so many octets of padding. @default 0 */
  readonly size?: number;
  /** Messages in a server stream. @default 3 */
  readonly messages?: number;
}

export interface Call {
  readonly from: Caller;
  /** @default server */
  readonly to?: Callee;
  /** @default single */
  readonly kind?: CallKind;
  /** The second method of the service, for rules about paths. @default false */
  readonly other?: boolean;
  /** `{n}` in a value becomes the number of the call, from 0. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly order?: Order;
  /** Messages that a client or bidi stream sends. @default 3 */
  readonly send?: number;
  /** The caller's own deadline in milliseconds; 0 is none. @default 20000 */
  readonly deadlineMs?: number;
  /** The caller goes away after so many milliseconds. @default never */
  readonly cancelAfterMs?: number;
  /** How often. @default 1 */
  readonly times?: number;
  /** How many at once. @default 1 */
  readonly atOnce?: number;
}

/** From and to, both included. */
export type Range = readonly [from: number, to: number];

/** Text is compared exactly; null is "absent". */
export type HeaderVerdict = Readonly<Record<string, string | RegExp | null>>;

/** What must be true of the calls of one step, together. Only what is given is compared. */
export interface Verdict {
  /** gRPC status codes, by how many calls got each; a number is exact. Codes that are not named must not occur. */
  readonly codes?: Readonly<Record<number, number | Range>>;
  /** Answered calls by instance label `service-version`, the same way. */
  readonly instances?: Readonly<Record<string, number | Range>>;
  /** How many different instances answered. */
  readonly distinct?: number;
  /** Attempts that reached the handlers of a service, or of one `service-version`. */
  readonly reached?: Readonly<Record<string, number | Range>>;
  /** Attempts that the service saw being taken away by its caller. */
  readonly cancelled?: Readonly<Record<string, number | Range>>;
  /** Messages that came back, in every call. */
  readonly messages?: number | Range;
  /** Request headers as the service saw them, in every call. */
  readonly headers?: HeaderVerdict;
  /** Response headers as the caller saw them, in every call. */
  readonly responseHeaders?: HeaderVerdict;
  /** Time that the service is given, in milliseconds; null is "no deadline". */
  readonly timeLeftMs?: Range | null;
  /** Every call took at least so many milliseconds. */
  readonly atLeastMs?: number;
  /** Every call ended before so many milliseconds, far below what it would take without the rule. */
  readonly belowMs?: number;
}

export interface Step {
  /** A pause before, for what a mesh does by the clock. @default 0 */
  readonly afterMs?: number;
  readonly call: Call;
  readonly expect: Verdict;
}

export interface Scenario {
  readonly name: string;
  /** What it is about, for the report: a group such as `routing`. */
  readonly group: string;
  /** Has a `server` (v1 alone) of its own, because its rules select workloads and not a host. @default false */
  readonly alone?: boolean;
  /**
   * Istio objects. `NAMESPACE` and `SERVER` in the text are replaced by the namespace that the driver chooses and by the
   * name under which `server` is called there, which is also its label `app`.
   */
  readonly rules: string;
  readonly steps: readonly Step[];
}

/** What is known of one call at its caller. */
export interface Observation {
  readonly code: number;
  readonly details: string;
  /** `service-version` that answered. */
  readonly instance?: string;
  /** Request headers as the service saw them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeLeftMs?: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly messages: number;
  readonly tookMs: number;
}

/** What is known of the calls of a step at one instance. */
export interface Arrivals {
  readonly reached: number;
  readonly cancelled: number;
}

/** A scenario whose services run and whose rules are in force. */
export interface RunningScenario {
  /** @param step - names the calls, so that their attempts can be counted. */
  call(call: Call, step: string): Promise<readonly Observation[]>;
  /** By `service-version`. */
  arrivals(step: string): Promise<ReadonlyMap<string, Arrivals>>;
  close(): Promise<void>;
}

/** Runs scenarios somewhere. */
export interface MeshDriver {
  readonly name: string;
  start(scenario: Scenario): Promise<RunningScenario>;
  close(): Promise<void>;
}
