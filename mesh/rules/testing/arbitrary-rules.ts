// Arbitrary specs of each kind of rule that are valid, for properties over rule sets.
import fc from 'fast-check';
import { stringify } from 'yaml';

const word = fc.constantFrom('a', 'b', 'x-version', 'v2', 'shop', 'Charge');
const stringMatch = fc.oneof(
  fc.record({ exact: fc.string() }),
  fc.record({ prefix: fc.constantFrom('/', '/shop', '', 'v') }),
  fc.record({ regex: fc.constantFrom('.*', '*', 'v[0-9]+', '(a|b)*c', '/shop\\.[A-Z].*') }),
  fc.constant({}),
);
const partial = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) => fc.record(model, { requiredKeys: [] });
const headerMatches = fc.dictionary(fc.constantFrom('x-a', 'x-version', '@request.auth.claims[role]'), stringMatch, {
  maxKeys: 2,
});
const match = partial({
  uri: stringMatch,
  method: stringMatch,
  authority: stringMatch,
  headers: headerMatches,
  withoutHeaders: headerMatches,
  queryParams: fc.dictionary(word, stringMatch, { maxKeys: 1 }),
  port: fc.constantFrom(50051, 80),
  sourceLabels: fc.constantFrom({ app: 'checkout' }, { app: 'cart' }),
  sourceNamespace: word,
  gateways: fc.constantFrom(['mesh'], ['edge'], []),
  ignoreUriCase: fc.boolean(),
});
const durations = fc.constantFrom('1ms', '250ms', '1.5s', '1m30s', '2h');
const headerOperations = partial({
  set: fc.dictionary(fc.constantFrom('x-a', 'Host', ':authority', 'X-B'), word, { maxKeys: 2 }),
  add: fc.dictionary(fc.constantFrom('x-a', 'x-c'), word, { maxKeys: 2 }),
  remove: fc.array(word, { maxLength: 2 }),
});
const headers = partial({ request: headerOperations, response: headerOperations });
const destination = fc.record(
  {
    host: fc.constantFrom('payment', 'catalog', 'nobody', 'payment.shop.svc.cluster.local'),
    subset: fc.constantFrom('v1', 'v2', 'v9'),
    port: fc.constantFrom({ number: 50051 }, { number: 1 }),
  },
  { requiredKeys: ['host'] },
);
const percentage = fc.record({ value: fc.integer({ min: 0, max: 100 }) });
/** One of a VirtualService's HTTP routes. */
export const route = fc
  .tuple(
    fc.array(
      fc.record(
        { destination, weight: fc.integer({ min: 1, max: 100 }), headers },
        { requiredKeys: ['destination', 'weight'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    partial({
      match: fc.array(match, { maxLength: 3 }),
      timeout: durations,
      retries: partial({
        attempts: fc.integer({ min: 0, max: 5 }),
        perTryTimeout: durations,
        retryOn: fc.constantFrom('unavailable', '5xx,reset', '503', ''),
        backoff: durations,
      }),
      fault: partial({
        delay: fc.record({ fixedDelay: durations, percentage }),
        abort: fc.oneof(
          fc.record({ grpcStatus: fc.constantFrom('UNAVAILABLE', 'OK'), percentage }),
          fc.record({ httpStatus: fc.integer({ min: 200, max: 599 }) }),
        ),
      }),
      corsPolicy: partial({
        allowOrigins: fc.array(
          fc.oneof(
            fc.record({ exact: fc.constantFrom('*', 'https://a.test') }),
            fc.record({ regex: fc.constant('.*') }),
          ),
        ),
        allowMethods: fc.subarray(['GET', 'POST']),
        maxAge: fc.constantFrom('1s', '24h'),
        allowCredentials: fc.boolean(),
        unmatchedPreflights: fc.constantFrom('FORWARD', 'IGNORE'),
      }),
      mirror: destination,
      mirrorPercentage: percentage,
      rewrite: fc.oneof(
        fc.record({ uri: fc.constantFrom('/new', '/') }),
        fc.record({ authority: word }),
        fc.constant({ uriRegexRewrite: { match: '^/(.*)$', rewrite: '/x/\\1$' } }),
      ),
      headers,
    }),
  )
  .map(([destinations, rest]) => ({ ...rest, route: destinations }));

/** A DestinationRule's traffic policy. */
export const trafficPolicy = partial({
  loadBalancer: fc.oneof(
    fc.record({ simple: fc.constantFrom('ROUND_ROBIN', 'RANDOM', 'LEAST_REQUEST', 'PASSTHROUGH') }),
    fc.constant({ consistentHash: { httpHeaderName: 'x-a' } }),
  ),
  outlierDetection: partial({
    consecutive5xxErrors: fc.integer({ min: 0, max: 3 }),
    baseEjectionTime: durations,
    maxEjectionPercent: fc.integer({ min: 0, max: 100 }),
  }),
  tls: fc.record({ mode: fc.constantFrom('DISABLE', 'ISTIO_MUTUAL') }),
});
const values = fc.array(
  fc.constantFrom('*', 'a*', '*a', 'a', '/shop.Payment/*', '/{*}/x', 'cluster.local/ns/shop/sa/checkout', '10.0.0.0/8'),
  { minLength: 1, maxLength: 2 },
);
const nonEmpty = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
  arbitrary.filter((value) => Object.keys(value).length > 0);
/** An AuthorizationPolicy's spec. */
export const policy = partial({
  action: fc.constantFrom('ALLOW', 'AUDIT'),
  selector: fc.constantFrom({ matchLabels: { app: 'payment' } }, { matchLabels: {} }),
  rules: fc.array(
    partial({
      from: fc.array(
        fc.record({
          source: nonEmpty(
            partial({
              principals: values,
              notPrincipals: values,
              namespaces: values,
              requestPrincipals: values,
              ipBlocks: values,
            }),
          ),
        }),
        { maxLength: 2 },
      ),
      to: fc.array(
        fc.record({
          operation: nonEmpty(
            partial({
              methods: values,
              notMethods: values,
              paths: values,
              notPaths: values,
              hosts: values,
              ports: values,
            }),
          ),
        }),
        { maxLength: 2 },
      ),
      when: fc.array(
        fc.record({
          key: fc.constantFrom('source.ip', 'request.headers[x-a]', 'request.auth.claims[a][b]', 'destination.port'),
          values,
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 3 },
  ),
});

const selector = fc.constantFrom({ matchLabels: { app: 'payment' } }, { matchLabels: { app: 'checkout' } });
const mode = fc.constantFrom('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT');

const peerAuthentication = fc.oneof(
  partial({ selector, mtls: fc.record({ mode }) }),
  fc.record({
    selector,
    portLevelMtls: fc.dictionary(fc.constantFrom('50051', '80'), fc.record({ mode }), { maxKeys: 2 }),
  }),
);

const requestAuthentication = partial({
  selector,
  jwtRules: fc.array(
    fc.record(
      {
        issuer: fc.constantFrom('https://issuer.example/', 'testing@secure.istio.io'),
        audiences: fc.array(word, { maxLength: 2 }),
        jwks: fc.constant('{"keys":[]}'),
        fromHeaders: fc.array(
          fc.record({ name: fc.constantFrom('authorization', 'x-jwt'), prefix: fc.constant('Bearer ') }),
          {
            maxLength: 2,
          },
        ),
        fromParams: fc.array(word, { maxLength: 2 }),
        outputPayloadToHeader: fc.constantFrom('x-payload'),
        forwardOriginalToken: fc.boolean(),
        outputClaimToHeaders: fc.array(fc.record({ header: fc.constant('x-sub'), claim: fc.constant('sub') }), {
          maxLength: 1,
        }),
      },
      { requiredKeys: ['issuer', 'jwks'] },
    ),
    { maxLength: 2 },
  ),
});

const gateway = fc.record({
  selector: fc.constantFrom({ istio: 'ingressgateway' }, { istio: 'other' }),
  servers: fc.array(
    fc.record(
      {
        port: fc.record({
          number: fc.integer({ min: 1, max: 65_535 }),
          name: fc.constantFrom('http', 'grpc'),
          protocol: fc.constantFrom('HTTP', 'HTTP2', 'GRPC'),
        }),
        hosts: fc.array(fc.constantFrom('*', 'shop.example', '*.example', './shop.example'), {
          minLength: 1,
          maxLength: 2,
        }),
        name: word,
      },
      { requiredKeys: ['port', 'hosts'] },
    ),
    { minLength: 1, maxLength: 2 },
  ),
});

const sidecar = partial({
  workloadSelector: fc.constantFrom({ labels: { app: 'checkout' } }, { labels: { app: 'nobody' } }),
  egress: fc.array(
    fc.record({
      hosts: fc.array(fc.constantFrom('./*', '*/*', 'shop/payment.shop.svc.cluster.local'), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  outboundTrafficPolicy: fc.record({ mode: fc.constantFrom('REGISTRY_ONLY', 'ALLOW_ANY') }),
});

const serviceEntry = fc.record(
  {
    hosts: fc.array(fc.constantFrom('api.example', 'db.example'), { minLength: 1, maxLength: 2 }),
    ports: fc.array(
      fc.record({
        number: fc.integer({ min: 1, max: 65_535 }),
        name: fc.constantFrom('grpc', 'tls'),
        protocol: fc.constantFrom('GRPC', 'HTTP2'),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    location: fc.constantFrom('MESH_EXTERNAL', 'MESH_INTERNAL'),
    resolution: fc.constantFrom('NONE', 'STATIC', 'DNS'),
    endpoints: fc.array(
      fc.record({
        address: fc.constantFrom('127.0.0.1', '10.1.2.3'),
        ports: fc.constant({ grpc: 4_000 }),
        labels: fc.constant({ a: 'b' }),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['hosts', 'ports'] },
);

const telemetry = partial({
  selector,
  tracing: fc.array(
    partial({ randomSamplingPercentage: fc.integer({ min: 0, max: 100 }), disableSpanReporting: fc.boolean() }),
    {
      maxLength: 2,
    },
  ),
  metrics: fc.array(
    fc.record({
      overrides: fc.array(
        partial({
          match: fc.record({
            metric: fc.constantFrom('ALL_METRICS', 'REQUEST_COUNT'),
            mode: fc.constantFrom('CLIENT', 'SERVER'),
          }),
          disabled: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
  accessLogging: fc.array(
    partial({ match: fc.record({ mode: fc.constantFrom('CLIENT', 'SERVER') }), disabled: fc.boolean() }),
    {
      maxLength: 2,
    },
  ),
});

const virtualService = fc.record({
  hosts: fc.constantFrom(['payment'], ['payment.shop.svc.cluster.local', 'catalog']),
  http: fc.array(route, { minLength: 1, maxLength: 3 }),
});

const destinationRule = fc.record({
  host: fc.constantFrom('payment', 'catalog'),
  trafficPolicy,
  subsets: fc.constantFrom([{ name: 'v1', labels: { version: 'v1' } }, { name: 'v2' }], []),
});

const groups = {
  networking: {
    VirtualService: virtualService,
    DestinationRule: destinationRule,
    Gateway: gateway,
    Sidecar: sidecar,
    ServiceEntry: serviceEntry,
  },
  security: {
    AuthorizationPolicy: policy,
    PeerAuthentication: peerAuthentication,
    RequestAuthentication: requestAuthentication,
  },
  telemetry: { Telemetry: telemetry },
} as const;

/** Valid specs of every kind of rule that the mesh reads, by kind. */
export const specs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  ...groups.networking,
  ...groups.security,
  ...groups.telemetry,
};

/** An object as YAML, in the namespace `shop`. */
export function object(kind: string, name: string, spec: unknown): string {
  const group = Object.entries(groups).find(([, kinds]) => Object.hasOwn(kinds, kind))?.[0] ?? 'networking';
  const whole = { apiVersion: `${group}.istio.io/v1`, kind, metadata: { name, namespace: 'shop' }, spec };
  return stringify(whole, { aliasDuplicateObjects: false });
}
