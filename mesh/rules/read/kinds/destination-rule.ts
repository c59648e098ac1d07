// Istio's DestinationRule, field by field (networking.istio.io/v1, reference/config/networking/destination-rule).
// What has no meaning between processes of one machine (localities, TCP keepalive) is reported.

import { anything, duration, flag, integer, oneOf, parseDuration, portNumber, text, uint32 } from '../scalars.ts';
import { approximated, checked, list, mapOf, notApplied, object, required, scalar, type ValueOf } from '../shape.ts';

/** In milliseconds; 0s is a cookie of the session. */
const lifetime = scalar((value) => {
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  return parsed === undefined ? 'must be a duration such as 0s or 30m' : { value: parsed };
});

const consistentHash = checked(
  object({
    httpHeaderName: text,
    httpCookie: object({ name: required(text), path: text, ttl: lifetime }),
    useSourceIp: approximated(
      flag,
      "between workloads every caller has the address 127.0.0.1: the caller's workload is hashed instead",
    ),
    httpQueryParameterName: text,
    ringHash: object({ minimumRingSize: integer(1, 8_388_608) }),
    maglev: approximated(
      object({ tableSize: uint32 }),
      'hashed on a ring instead: as stable, spread a little less evenly',
    ),
    minimumRingSize: integer(1, 8_388_608),
  }),
  (hash) => {
    const keys = [hash.httpHeaderName, hash.httpCookie, hash.useSourceIp, hash.httpQueryParameterName];
    return keys.filter((each) => each !== undefined).length === 1
      ? undefined
      : 'needs exactly one of httpHeaderName, httpCookie, useSourceIp and httpQueryParameterName';
  },
);

const ONE_LOCALITY = 'every instance here is in one locality';

const loadBalancer = checked(
  object({
    simple: oneOf('UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST'),
    consistentHash,
    localityLbSetting: notApplied(anything, ONE_LOCALITY),
    warmupDurationSecs: notApplied(duration, 'a new instance gets its full share at once'),
    warmup: notApplied(anything, 'a new instance gets its full share at once'),
  }),
  (balancer) =>
    balancer.simple !== undefined && balancer.consistentHash !== undefined
      ? 'must hold one of simple and consistentHash'
      : undefined,
);

const connectionPool = object({
  tcp: object({
    maxConnections: approximated(
      uint32,
      'instances are reached over HTTP/2, so the limit is never met; in a cluster it bounds requests at once to a service of HTTP/1.1',
    ),
    connectTimeout: duration,
    tcpKeepalive: notApplied(anything, 'sidecars are in one process: a dead connection is noticed at once'),
    maxConnectionDuration: approximated(duration, 'looked at when the connection is next used'),
    idleTimeout: duration,
  }),
  http: object({
    http1MaxPendingRequests: approximated(
      uint32,
      'counts calls that wait for a connection to be made; between sidecars everything is HTTP/2',
    ),
    http2MaxRequests: uint32,
    maxRequestsPerConnection: uint32,
    maxRetries: uint32,
    idleTimeout: duration,
    h2UpgradePolicy: notApplied(oneOf('DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'), 'everything is HTTP/2 already'),
    useClientProtocol: notApplied(flag, 'everything is HTTP/2 already'),
    maxConcurrentStreams: uint32,
  }),
});

export type ConnectionPool = ValueOf<typeof connectionPool>;

const outlierDetection = object({
  splitExternalLocalOriginErrors: flag,
  consecutiveLocalOriginFailures: uint32,
  consecutiveGatewayErrors: uint32,
  consecutive5xxErrors: uint32,
  consecutiveErrors: notApplied(uint32, 'removed from Istio: write consecutive5xxErrors or consecutiveGatewayErrors'),
  interval: duration,
  baseEjectionTime: duration,
  maxEjectionPercent: integer(0, 100),
  minHealthPercent: integer(0, 100),
});

export type OutlierDetectionRule = ValueOf<typeof outlierDetection>;

const FILES = "between sidecars the certificates are the mesh's own";
const tls = object({
  // Between sidecars SIMPLE and MUTUAL are still the mesh's own mutual TLS; to the outside they are TLS of the system's authorities.
  mode: required(oneOf('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL')),
  clientCertificate: notApplied(text, FILES),
  privateKey: notApplied(text, FILES),
  caCertificates: notApplied(text, FILES),
  caCrl: notApplied(text, FILES),
  credentialName: notApplied(text, FILES),
  subjectAltNames: list(text),
  sni: notApplied(text, 'a sidecar is found by its address, not by name'),
  insecureSkipVerify: notApplied(flag, 'peers are always verified'),
});

const policy = { loadBalancer, connectionPool, outlierDetection, tls };
const portPolicy = object({ ...policy, port: required(object({ number: required(portNumber) })) });
const trafficPolicy = object({
  ...policy,
  portLevelSettings: list(portPolicy),
  tunnel: notApplied(anything, 'outbound tunnels need a cluster'),
  proxyProtocol: notApplied(anything, 'the PROXY protocol has no reader here'),
  retryBudget: notApplied(anything, 'maxRetries is applied'),
});

export type TrafficPolicy = ValueOf<typeof trafficPolicy>;

const subset = object({ name: required(text), labels: mapOf(text), trafficPolicy });

export const destinationRule = object({
  host: required(text),
  trafficPolicy,
  subsets: list(subset),
  exportTo: list(text),
  workloadSelector: object({ matchLabels: mapOf(text) }),
});

export type DestinationRule = ValueOf<typeof destinationRule>;
export type Subset = ValueOf<typeof subset>;
