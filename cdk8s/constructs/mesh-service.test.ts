// What a service becomes, field by field where the field is the point; golden files hold the rest.
// The shop is small enough to know by heart: front -> order -> stock, stock has a canary at 20 %.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, objectOf, shopObjects } from '../test/shop.ts';

const objects = shopObjects();
const of = (kind: string, name: string) => objectOf(objects, kind, name);

test('there is a Deployment a version, and each knows which it is', () => {
  for (const version of ['v1', 'v2']) {
    const deployment = of('Deployment', `stock-${version}`);
    assert.deepEqual(at(deployment, 'spec.selector.matchLabels'), { app: 'stock', version });
    assert.deepEqual(at(deployment, 'spec.template.spec.containers.0.env.0'), {
      name: 'SERVICE_VERSION',
      value: version,
    });
  }
  assert.equal(
    objects.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'order-v2'),
    false,
  );
});

test('pods meet Pod Security "restricted" and cannot write their root filesystem', () => {
  const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
  assert.ok(workloads.length >= 6);
  for (const workload of workloads) {
    const pod = at(workload, 'spec.template.spec');
    assert.equal(at(pod, 'securityContext.runAsNonRoot'), true);
    assert.equal(at(pod, 'securityContext.seccompProfile.type'), 'RuntimeDefault');
    const container = at(pod, 'containers.0.securityContext');
    assert.deepEqual(at(container, 'capabilities.drop'), ['ALL']);
    assert.equal(at(container, 'allowPrivilegeEscalation'), false);
    assert.equal(at(container, 'readOnlyRootFilesystem'), true);
  }
});

test('a rollout drops no call: no pod goes before another is ready, and a pod that goes serves on first', () => {
  const spec = at(of('Deployment', 'order-v1'), 'spec');
  assert.deepEqual(at(spec, 'strategy.rollingUpdate'), { maxSurge: 1, maxUnavailable: 0 });
  const sleep = Number(at(spec, 'template.spec.containers.0.lifecycle.preStop.exec.command.1'));
  const grace = Number(at(spec, 'template.spec.terminationGracePeriodSeconds'));
  assert.ok(sleep >= 5, 'endpoints take a few seconds to reach every sidecar');
  assert.ok(grace >= sleep + 30, 'a unary call may last 30 s after that');
});

test('readiness asks gRPC health, liveness does not, so a lost database restarts nobody', () => {
  const container = at(of('Deployment', 'order-v1'), 'spec.template.spec.containers.0');
  assert.deepEqual(at(container, 'readinessProbe.grpc'), { port: 50051, service: '' });
  assert.deepEqual(at(container, 'startupProbe.grpc'), { port: 50051, service: '' });
  assert.deepEqual(at(container, 'livenessProbe.grpc'), { port: 50051, service: 'liveness' });
});

test('ports say their protocol, so that rules about methods apply', () => {
  assert.deepEqual(at(of('Service', 'stock'), 'spec.ports.0'), {
    name: 'grpc',
    port: 50051,
    targetPort: 'grpc',
    protocol: 'TCP',
    appProtocol: 'grpc',
  });
});

test('only idempotent methods are tried again; the others say 0, because Istio would retry twice', () => {
  const routes = at(of('VirtualService', 'stock'), 'spec.http') as {
    name: string;
    match?: { uri?: { exact: string } }[];
    retries: { attempts: number };
  }[];
  const attempts = (rpc: string): number[] =>
    routes
      .filter((route) => route.match?.some(({ uri }) => uri?.exact === `/shop.v1.StockService/${rpc}`))
      .map((route) => route.retries.attempts);
  assert.deepEqual(attempts('Take'), [0, 0]);
  assert.deepEqual(attempts('Get'), [2, 2]);
  assert.deepEqual(attempts('Put'), [2, 2]);
  const rest = routes.filter((route) => route.name.endsWith('-rest'));
  assert.deepEqual(
    rest.map((route) => route.retries.attempts),
    [0, 0],
  );
});

test('every route names the port that it leads to, and the admin port has a route of its own', () => {
  for (const name of ['front', 'order', 'stock']) {
    const routes = at(of('VirtualService', name), 'spec.http') as {
      name: string;
      match?: { port?: number }[];
      route: { destination: { port: { number: number } } }[];
    }[];
    for (const { name: route, route: targets, match } of routes) {
      const wanted = name === 'front' ? 8080 : route === 'admin' ? 9090 : 50051;
      for (const { destination } of targets) assert.equal(destination.port.number, wanted, `${name} ${route}`);
      if (name !== 'front') for (const { port } of match ?? [{}]) assert.equal(port, wanted, `${name} ${route}`);
    }
  }
});

test('streams have no timeout, neither whole nor a try', () => {
  const routes = at(of('VirtualService', 'stock'), 'spec.http') as {
    name: string;
    timeout?: string;
    retries: object;
  }[];
  const stream = routes.find(({ name }) => name.startsWith('weighted-streams'));
  assert.equal(stream?.timeout, undefined);
  assert.equal(at(stream?.retries, 'perTryTimeout'), undefined);
});

test('a header reaches the canary before weights are looked at, and the weights add up', () => {
  const http = at(of('VirtualService', 'stock'), 'spec.http');
  assert.deepEqual(at(http, '0.match.0.headers'), { 'x-version': { exact: 'v2' } });
  assert.equal(at(http, '0.route.0.destination.subset'), 'v2');
  const weighted = (http as { name: string; route: { weight: number }[] }[]).find(
    ({ name }) => name === 'weighted-rest',
  );
  assert.deepEqual(
    weighted?.route.map(({ weight }) => weight),
    [80, 20],
  );
});

test('premium users have a route of their own at the edge', () => {
  const http = at(of('VirtualService', 'front'), 'spec.http');
  assert.deepEqual(at(http, '0.match.0.headers'), { 'x-user-type': { exact: 'premium' } });
  assert.deepEqual(at(of('VirtualService', 'front'), 'spec.gateways'), ['front']);
});

test('pods are balanced by load, left out after 5 errors for 30 s, and bounded', () => {
  const policy = at(of('DestinationRule', 'stock'), 'spec.trafficPolicy');
  assert.equal(at(policy, 'loadBalancer.simple'), 'LEAST_REQUEST');
  assert.equal(at(policy, 'outlierDetection.consecutive5xxErrors'), 5);
  assert.equal(at(policy, 'outlierDetection.baseEjectionTime'), '30s');
  assert.equal(at(policy, 'connectionPool.http.http2MaxRequests'), 1024);
});

test('only declared callers may call, and only the methods that they declare', () => {
  const rules = at(of('AuthorizationPolicy', 'stock'), 'spec.rules');
  assert.deepEqual(at(rules, '0.from'), [{ source: { principals: ['cluster.local/ns/shop/sa/order'] } }]);
  assert.deepEqual(at(rules, '0.to.0.operation.paths'), ['/shop.v1.StockService/Get', '/shop.v1.StockService/Take']);
  assert.equal((rules as unknown[]).length, 2, 'the declared caller, and the admin port');
  assert.deepEqual(at(of('AuthorizationPolicy', 'deny-by-default'), 'spec'), {});
});

test('the network policy has the same edges', () => {
  const policy = of('NetworkPolicy', 'stock');
  assert.deepEqual(at(policy, 'spec.ingress.0'), {
    from: [{ podSelector: { matchLabels: { app: 'order' } } }],
    ports: [{ port: 50051, protocol: 'TCP' }],
  });
  const egress = JSON.stringify(at(of('NetworkPolicy', 'order'), 'spec.egress'));
  assert.match(egress, /"app":"stock"/);
  assert.match(egress, /"app":"postgres"/);
  assert.doesNotMatch(egress, /"app":"front"/);
});

test('a sidecar knows what its service calls, and nothing else of the namespace', () => {
  const spec = at(of('Sidecar', 'front'), 'spec');
  assert.equal(at(spec, 'outboundTrafficPolicy.mode'), 'REGISTRY_ONLY');
  assert.deepEqual(at(spec, 'egress.0.hosts'), [
    './order.shop.svc.cluster.local',
    'fairlead-observability/*',
    'istio-system/*',
  ]);
});

test('mTLS is required, but for metrics and public keys on the admin port', () => {
  assert.equal(at(of('PeerAuthentication', 'default'), 'spec.mtls.mode'), 'STRICT');
  assert.deepEqual(at(of('PeerAuthentication', 'stock'), 'spec.portLevelMtls'), { '9090': { mode: 'PERMISSIVE' } });
});

test('access tokens are checked at the edge with the keys of the service that signs them', () => {
  assert.equal(
    at(of('RequestAuthentication', 'front'), 'spec.jwtRules.0.jwksUri'),
    'http://order.shop.svc.cluster.local:9090/keys',
  );
});

test('everybody reads public keys from the service that signs, and that one from itself', () => {
  const uri = (name: string): unknown =>
    (at(of('Deployment', name), 'spec.template.spec.containers.0.env') as { name: string; value?: string }[]).find(
      (variable) => variable.name === 'FAIRLEAD_JWKS_URI',
    )?.value;
  assert.equal(uri('stock-v1'), 'http://order.shop.svc.cluster.local:9090/keys');
  assert.equal(uri('order-v1'), 'http://127.0.0.1:9090/keys');
});

test('nobody holds a Kubernetes token but the Job that makes Secrets, which may do nothing else', () => {
  for (const account of objects.filter(({ kind }) => kind === 'ServiceAccount')) {
    assert.equal(account.automountServiceAccountToken, false);
  }
  const mounted = objects.filter((object) => at(object, 'spec.template.spec.automountServiceAccountToken') === true);
  assert.deepEqual(
    mounted.map(({ metadata }) => metadata.name),
    ['release-secrets'],
  );
  assert.deepEqual(at(of('Role', 'release-secrets'), 'rules'), [
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  ]);
});

test('secrets are named, never written', () => {
  assert.equal(
    objects.some(({ kind }) => kind === 'Secret'),
    false,
  );
  const env = at(of('Deployment', 'order-v1'), 'spec.template.spec.containers.0.env') as {
    name: string;
    valueFrom?: unknown;
  }[];
  const from = (name: string): unknown => env.find((variable) => variable.name === name)?.valueFrom;
  assert.deepEqual(from('DATABASE_URL'), { secretKeyRef: { name: 'order-database', key: 'url' } });
  assert.deepEqual(from('EVENT_LOG_URL'), { secretKeyRef: { name: 'event-log-database', key: 'url' } });
  assert.deepEqual(from('SIGNING_KEY'), {
    secretKeyRef: { name: 'order-config', key: 'SIGNING_KEY', optional: false },
  });
});

test('autoscaler and disruption budget are there for every service', () => {
  for (const name of ['front', 'order', 'stock']) {
    assert.equal(at(of('PodDisruptionBudget', name), 'spec.maxUnavailable'), 1);
    assert.equal(at(of('HorizontalPodAutoscaler', `${name}-v1`), 'spec.scaleTargetRef.name'), `${name}-v1`);
    assert.equal(at(of('Deployment', `${name}-v1`), 'spec.replicas'), undefined, 'the autoscaler owns it');
  }
});
