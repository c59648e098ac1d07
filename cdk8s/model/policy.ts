// What can be said about a service's life in the mesh: resilience, canary, size, objectives.
// Units are types, every field has a default that is safe, and everything that can be derived is not asked for.
import type { Duration, Size } from 'cdk8s';

/**
 * Conditions under which Envoy tries a call again. The last four are gRPC statuses.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-grpc-on
 */
export type RetryCondition =
  | 'connect-failure'
  | 'refused-stream'
  | 'reset'
  | 'gateway-error'
  | 'unavailable'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'resource-exhausted';

/** How idempotent methods are tried again; methods that are not never are. */
export interface RetryPolicy {
  /**
   * Tries after the first one.
   *
   * @default 2
   * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry attempts
   */
  readonly attempts?: number;
  /**
   * Longest time of one try. Streams have none: a try of theirs lasts as long as the stream.
   *
   * @default - the timeout shared out over all tries, less 50 ms for the pauses between them
   */
  readonly perTryTimeout?: Duration;
  /** @default ['connect-failure', 'refused-stream', 'reset', 'unavailable'] */
  readonly on?: readonly RetryCondition[];
}

/** What differs for one method. */
export interface MethodPolicy {
  /** @default - the service's timeout; none for streams */
  readonly timeout?: Duration;
  /** `false`: never. A policy is refused where the contract says neither NO_SIDE_EFFECTS nor IDEMPOTENT. @default - the service's */
  readonly retries?: RetryPolicy | false;
  /**
   * Calls that it makes one after another (`payment/Charge`), all of which its timeout has to cover.
   *
   * @default - the longest of the service's declared calls
   */
  readonly covers?: readonly string[];
}

/** A header that chooses a version whatever the weights say: for testers, or for users who are treated apart. */
export interface HeaderRoute {
  readonly name: string;
  /** Header name in lower case, as HTTP/2 has it. */
  readonly header: string;
  readonly value: string;
  /** Version that answers. It has to be one that is always deployed, that is the first, unless `withCanary`. */
  readonly version: string;
}

/** A second version beside the stable one. */
export interface CanaryPolicy {
  /** @default - true when the manifest names two versions */
  readonly enabled?: boolean;
  /** Percent of calls a version; they add up to 100. @default - everything to the first version */
  readonly weights?: Readonly<Record<string, number>>;
  /** Header that reaches the canary at any weight: its value is the version. @default 'x-version' */
  readonly header?: string;
}

/**
 * Upper bounds towards each pod set, kept by the callers' sidecars.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface ConnectionPoolPolicy {
  /** @default 128 */
  readonly maxConnections?: number;
  /** @default Duration.seconds(1) */
  readonly connectTimeout?: Duration;
  /** Calls open at once; more are answered UNAVAILABLE at once. @default 1024 */
  readonly maxRequests?: number;
  /** Retries open at once. @default 64 */
  readonly maxRetries?: number;
}

/**
 * When a pod is left out of the balancing.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 */
export interface OutlierPolicy {
  /** @default 5 */
  readonly consecutiveErrors?: number;
  /** @default Duration.seconds(10) */
  readonly interval?: Duration;
  /** First ejection; repeats grow. @default Duration.seconds(30) */
  readonly ejection?: Duration;
  /** @default 50 */
  readonly maxEjectionPercent?: number;
  /** Below this share of healthy pods all are used again, so that one failing pod alone is not cut off. @default 50 */
  readonly minHealthPercent?: number;
}

/**
 * What one pod asks for and may use.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
export interface ResourcePolicy {
  /** Thousandths of a core that are reserved. @default 20 */
  readonly cpuMillis?: number;
  /** @default 1000 */
  readonly cpuLimitMillis?: number;
  /** @default Size.mebibytes(96) */
  readonly memory?: Size;
  /** @default Size.mebibytes(256) */
  readonly memoryLimit?: Size;
}

/** @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ */
export interface AutoscalingPolicy {
  /** @default 1 */
  readonly min?: number;
  /** @default 3 */
  readonly max?: number;
  /** Percent of the requested CPU that is aimed at. @default 400, since the request is small */
  readonly cpuPercent?: number;
}

/** What the service promises; alerts are derived from it. @see https://sre.google/workbook/alerting-on-slos/ */
export interface ObjectivePolicy {
  /** Percent of calls that do not fail by the service's own fault. @default 99.9 */
  readonly availability?: number;
  /** Percent of calls that are answered within `latency`. @default 99 */
  readonly fast?: number;
  /** @default Duration.millis(500) */
  readonly latency?: Duration;
}

/** How a secret variable gets its value in a cluster. */
export type SecretSource = 'ed25519-private-key' | 'supplied';

/** One rule of read access to the Kubernetes API, in the release's own namespace. */
export interface KubernetesApiRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** @default ['list'] */
  readonly verbs?: readonly ('get' | 'list' | 'watch')[];
}

/** Everything about one service that its manifest does not say. */
export interface ServicePolicy {
  /** Longest time of a unary call, retries included. @default Duration.seconds(2) */
  readonly timeout?: Duration;
  readonly retries?: RetryPolicy | false;
  readonly methods?: Readonly<Record<string, MethodPolicy>>;
  readonly canary?: CanaryPolicy;
  /** @default [] */
  readonly routes?: readonly HeaderRoute[];
  readonly connectionPool?: ConnectionPoolPolicy;
  readonly outliers?: OutlierPolicy;
  readonly resources?: ResourcePolicy;
  readonly autoscaling?: AutoscalingPolicy;
  readonly objectives?: ObjectivePolicy;
  /** Values of the manifest's variables in a cluster. @default - the manifest's defaults */
  readonly env?: Readonly<Record<string, string>>;
  /** Where secret variables come from. @default - 'supplied': empty until the user names a Secret */
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /** The service reads the Kubernetes API, in its own namespace. @default - no token is mounted */
  readonly kubernetesApi?: readonly KubernetesApiRule[];
  /** It answers requests from outside, through the ingress gateway. @default - true with an HTTP port */
  readonly edge?: boolean;
  /** Services that may, by calls of their own, come back to this one. @default [] */
  readonly cycleWith?: readonly string[];
}
