// A mesh scenario as data: rules, calls, and the verdict that any mesh must give.
// Drivers run the same scenario on the laptop mesh and on a cluster; nothing here knows which one it is.

/**
 * Who takes part: `client` and `stranger` call, each with an account of its own; `outsider` has no sidecar; `outside` comes in
 * through the ingress gateway; `shadow` takes mirrored calls; `server` answers, with the versions v1 and v2 where the
 * scenario does not keep it for itself.
 */
export type Caller = 'client' | 'stranger' | 'outsider' | 'outside';
export type Callee = 'server' | 'shadow';

/** `single` is the name of a call with one message each way. */
export type CallKind = 'single' | 'serverStream' | 'clientStream' | 'bidi';

/** What `server` and `shadow` speak. */
export type Protocol = 'grpc' | 'http';

/** What the called service is told to do; it travels in the header `x-order`. */
export interface Order {
  /** Fail with this gRPC status; a stream fails after its messages. Over HTTP: answer with this status. */
  readonly code?: number;
  /** Only the first so many attempts of each call fail. @default all */
  readonly failFirst?: number;
  /** Only this instance misbehaves, for example `server-v2`. @default all */
  readonly only?: string;
  /** Answer after so many milliseconds; between two messages in a stream. @default 0 */
  readonly delayMs?: number;
  /** Answer with so many octets of padding. @default 0 */
  readonly size?: number;
  /** Messages in a server stream. @default 3. Over HTTP: answer with so many server-sent events. @default none */
  readonly messages?: number;
  /** Over HTTP: fields of the answer, beside those that every answer has. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Over HTTP: answer with the request's body, each part as it comes. */
  readonly echo?: boolean;
  /** Over HTTP: end the connection in the middle of the answer. */
  readonly breakOff?: boolean;
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

/**
 * A request of HTTP/1.1 from outside, through the ingress gateway. `SERVER` in its texts is replaced as in the rules, and
 * `{n}` becomes the number of the request, from 0.
 */
export interface Request {
  /** @default GET */
  readonly method?: string;
  /** The request target as it is sent. @default / */
  readonly target?: string;
  /** The Host field; null leaves it out. @default SERVER.parity.test */
  readonly host?: string | null;
  /** A list sends the field several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * One text is sent with its length, a list in chunks, where the headers do not say otherwise. A chunk follows when there is
   * an answer to the one before it, or after a moment. @default none
   */
  readonly body?: string | readonly string[];
  readonly order?: Order;
  readonly cancelAfterMs?: number;
  readonly times?: number;
  readonly atOnce?: number;
}

/** From and to, both included. */
export type Range = readonly [from: number, to: number];

/** Text is compared exactly; null is "absent". */
export type HeaderVerdict = Readonly<Record<string, string | RegExp | null>>;

/** What must be true of the calls of one step, together. Only what is given is compared. */
export interface Verdict {
  /**
   * gRPC status codes, or HTTP's of requests, by how many calls got each; a number is exact. Codes that are not named must
   * not occur. A request that got no answer, or half of one, counts as 0.
   */
  readonly codes?: Readonly<Record<number, number | Range>>;
  /** Answered calls by instance label `service-version`, the same way. */
  readonly instances?: Readonly<Record<string, number | Range>>;
  /** How many different instances answered. */
  readonly distinct?: number;
  /** Attempts that reached the handlers of a service, or of one `service-version`. */
  readonly reached?: Readonly<Record<string, number | Range>>;
  /** Attempts that the service saw being taken away by its caller. */
  readonly cancelled?: Readonly<Record<string, number | Range>>;
  /** Messages that came back, in every call; over HTTP events, or parts of a body that is echoed. */
  readonly messages?: number | Range;
  /** Text of an answer that the service did not give, in every call. */
  readonly body?: string | RegExp;
  /** Octets of the request's body that the service got, in every call. */
  readonly received?: number;
  /** Was the client told to go on with its body (100 Continue)? */
  readonly continued?: boolean;
  /** Request headers as the service saw them, in every call; over HTTP also `:method` and `:path`. */
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

interface AnyStep {
  /** A pause before, for what a mesh does by the clock. @default 0 */
  readonly afterMs?: number;
  readonly expect: Verdict;
}
export interface CallStep extends AnyStep {
  readonly call: Call;
}
export interface RequestStep extends AnyStep {
  readonly request: Request;
}
export type Step = CallStep | RequestStep;

export interface Scenario {
  readonly name: string;
  /** What it is about, for the report: a group such as `routing`. */
  readonly group: string;
  /** Has a `server` (v1 alone) of its own, because its rules select workloads and not a host. @default false */
  readonly alone?: boolean;
  /** What the services speak: gRPC on port 50051, or HTTP/1.1 on port 8080. @default grpc */
  readonly protocol?: Protocol;
  /**
   * Istio objects. In the text the driver replaces `NAMESPACE` by the namespace that it chooses, `SERVER` by the name under
   * which `server` is called there, which is also its label `app`, `GATEWAYS` by the namespace of the ingress gateway (its
   * account is `istio-ingressgateway`), and `OUTSIDE` by the address from which requests from outside come.
   */
  readonly rules: string;
  readonly steps: readonly Step[];
}

/** What is known of one call at its caller. */
export interface Observation {
  readonly code: number;
  /** gRPC's status message, or the text of an answer that the service did not give. */
  readonly details: string;
  /** `service-version` that answered. */
  readonly instance?: string;
  /** Request headers as the service saw them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeLeftMs?: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly messages: number;
  readonly tookMs: number;
  /** Octets of the request's body that the service got; HTTP alone. */
  readonly received?: number;
  /** 100 Continue came; HTTP alone. */
  readonly continued?: boolean;
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
  request(request: Request, step: string): Promise<readonly Observation[]>;
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
