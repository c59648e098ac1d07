// Istio's VirtualService, field by field (networking.istio.io/v1, reference/config/networking/virtual-service).
// HTTP routes are what gRPC uses; TLS and TCP routes are reported as not applied.

import { GRPC_STATUS } from '../../grpc-status.ts';
import { anything, duration, flag, integer, oneOf, percent, portNumber, regex, text, uint32 } from '../scalars.ts';
import { checked, list, mapOf, notApplied, object, required, scalar, type ValueOf } from '../shape.ts';

const stringMatch = checked(object({ exact: text, prefix: text, regex }), (match) =>
  Object.keys(match).length > 1 ? 'must hold one of exact, prefix and regex' : undefined,
);

export type StringMatch = ValueOf<typeof stringMatch>;

const headerName = (name: string): boolean =>
  /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || name.startsWith('@request.auth.');

const headerMatches = checked(mapOf(stringMatch), (headers) => {
  const bad = [...headers.keys()].find((name) => !headerName(name));
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is not a lower-case header name`;
});

const httpMatch = object({
  name: text,
  uri: stringMatch,
  scheme: stringMatch,
  method: stringMatch,
  authority: stringMatch,
  headers: headerMatches,
  port: portNumber,
  sourceLabels: mapOf(text),
  gateways: list(text),
  queryParams: mapOf(stringMatch),
  ignoreUriCase: flag,
  withoutHeaders: headerMatches,
  sourceNamespace: text,
  statPrefix: notApplied(text, 'a name for Envoy statistics; the standard metrics carry route labels instead'),
});

export type HttpMatch = ValueOf<typeof httpMatch>;

/** RFC 9110, 5.5: no control characters, and blanks not at the ends. */
const FIELD_VALUE = /^(?:[!-~\x80-\uffff](?:[\t -~\x80-\uffff]*[!-~\x80-\uffff])?)?$/;

const headerValues = checked(mapOf(text), (headers) => {
  const bad = [...headers.keys()].find((name) => !/^:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name));
  if (bad !== undefined) return `${JSON.stringify(bad)} is not a header name`;
  const [unsendable] = [...headers].find(([, value]) => !FIELD_VALUE.test(value)) ?? [];
  return unsendable === undefined ? undefined : `the value of ${unsendable} has characters that a header cannot carry`;
});

const headerOperations = object({ set: headerValues, add: headerValues, remove: list(text) });
const headers = object({ request: headerOperations, response: headerOperations });

export type HeaderOperations = ValueOf<typeof headerOperations>;
export type Headers = ValueOf<typeof headers>;

const destination = object({ host: required(text), subset: text, port: object({ number: portNumber }) });

export type Destination = ValueOf<typeof destination>;

const routeDestination = object({ destination: required(destination), weight: integer(0, 2 ** 31 - 1), headers });

export type RouteDestination = ValueOf<typeof routeDestination>;

const RETRY_CONDITIONS = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'envoy-ratelimited',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];

const retryOn = scalar((value) => {
  if (typeof value !== 'string' && typeof value !== 'number')
    return 'must be a list of conditions with commas between them';
  for (const part of String(value)
    .split(',')
    .map((each) => each.trim())) {
    if (part !== '' && !RETRY_CONDITIONS.includes(part) && !/^[1-5][0-9]{2}$/.test(part))
      return `unknown retry condition ${JSON.stringify(part)}; known: ${RETRY_CONDITIONS.join(', ')} and HTTP status codes`;
  }
  return { value: String(value) };
});

const retries = object({
  attempts: integer(0, 2 ** 31 - 1),
  perTryTimeout: duration,
  retryOn,
  backoff: duration,
  retryRemoteLocalities: notApplied(flag, 'every instance here is in one locality'),
  retryIgnorePreviousHosts: flag,
});

export type Retries = ValueOf<typeof retries>;

const grpcStatus = scalar((value) => {
  if (typeof value === 'string' && Object.hasOwn(GRPC_STATUS, value)) return { value };
  return `must be the name of a gRPC status: ${Object.keys(GRPC_STATUS).join(', ')}`;
});

const abort = checked(
  object({
    httpStatus: integer(200, 599),
    grpcStatus,
    http2Error: notApplied(text, 'Istio does not implement it either'),
    percentage: percent,
  }),
  (fault) =>
    fault.httpStatus === undefined && fault.grpcStatus === undefined ? 'needs httpStatus or grpcStatus' : undefined,
);

const delay = object({
  fixedDelay: duration,
  exponentialDelay: notApplied(duration, 'Istio does not implement it either'),
  percentage: percent,
  percent: integer(0, 100),
});

const fault = object({ abort, delay });

export type Fault = ValueOf<typeof fault>;

const CORS_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'] as const;

const fieldNames = list(
  scalar((value) =>
    typeof value === 'string' && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)
      ? { value }
      : 'must be the name of a header, or *',
  ),
);

const corsPolicy = checked(
  object({
    /** Deprecated form of `allowOrigins`, which goes before it. */
    allowOrigin: list(text),
    allowOrigins: list(
      checked(stringMatch, (match) =>
        Object.values(match).some((each) => each !== '') ? undefined : 'needs exact, prefix or regex',
      ),
    ),
    allowMethods: list(oneOf(...CORS_METHODS)),
    allowHeaders: fieldNames,
    exposeHeaders: fieldNames,
    maxAge: duration,
    allowCredentials: flag,
    unmatchedPreflights: oneOf('UNSPECIFIED', 'FORWARD', 'IGNORE'),
  }),
  ({ maxAge }) => (maxAge !== undefined && maxAge % 1000 !== 0 ? 'maxAge must be whole seconds' : undefined),
);

export type CorsPolicy = ValueOf<typeof corsPolicy>;

const httpRoute = checked(
  object({
    name: text,
    match: list(httpMatch),
    route: list(routeDestination),
    redirect: object({
      uri: text,
      authority: text,
      scheme: text,
      redirectCode: integer(300, 399),
      port: portNumber,
      derivePort: notApplied(
        oneOf('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
        'sidecars here have no port of their own',
      ),
    }),
    directResponse: object({
      status: required(integer(200, 599)),
      body: object({ string: text, bytes: text }),
    }),
    delegate: notApplied(
      object({ name: text, namespace: text }),
      'write the delegated routes into the VirtualService itself',
    ),
    rewrite: object({
      uri: text,
      authority: text,
      uriRegexRewrite: object({ match: regex, rewrite: text }),
    }),
    timeout: duration,
    retries,
    fault,
    mirror: destination,
    mirrors: list(object({ destination: required(destination), percentage: percent })),
    mirrorPercent: uint32,
    mirrorPercentage: percent,
    corsPolicy,
    headers,
  }),
  (route) => {
    if (route.delegate !== undefined) return undefined;
    const kinds = [route.route, route.redirect, route.directResponse].filter((each) => each !== undefined).length;
    if (kinds !== 1) return 'needs exactly one of route, redirect, directResponse and delegate';
    if (route.route?.length === 0) return 'needs at least one destination';
    const weights = route.route ?? [];
    if (weights.length > 1 && weights.every((each) => (each.weight ?? 0) === 0))
      return 'total destination weight must not be 0';
    return undefined;
  },
);

export type HttpRoute = ValueOf<typeof httpRoute>;

export const virtualService = object({
  hosts: required(list(text)),
  gateways: list(text),
  http: list(httpRoute),
  tls: notApplied(anything, 'the laptop mesh routes HTTP/2 and gRPC; TLS passthrough routes need a cluster'),
  tcp: notApplied(anything, 'the laptop mesh routes HTTP/2 and gRPC; TCP routes need a cluster'),
  exportTo: list(text),
});

export type VirtualService = ValueOf<typeof virtualService>;
