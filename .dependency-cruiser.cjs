// The house's "may import" rules (docs/architecture.md), each with its reason. `npm run lint:imports` checks them.
const rooms = '^(kit|transport|mesh|services|cdk8s|laptop|scripts|bench|test)/';

/** A room may import itself, what is named, npm packages and Node; nothing else of ours. */
function only(room, allowed, comment) {
  const own = room.replace('^', '');
  return {
    name: `${own}-imports`,
    severity: 'error',
    comment,
    from: { path: `${room}/`, pathNot: '\\.test\\.ts$' },
    to: { path: rooms, pathNot: [`${room}/`, ...allowed] },
  };
}

module.exports = {
  forbidden: [
    only('^services', ['^kit/'], 'A service holds business logic: the kit and its own contract are all that it knows.'),
    only('^kit', ['^transport/index\\.ts$', '^services/[^/]+/(service|manifest)\\.ts$'], 'The kit serves services and never knows one of them.'),
    only('^transport', [], 'Framing is below everything: it must be usable without the kit and the mesh.'),
    only('^mesh', ['^transport/'], 'The mesh reads manifests, not code: a service in any language may stand behind it.'),
    only(
      '^cdk8s',
      ['^services/[^/]+/manifest\\.ts$', '^kit/(manifest|duration)\\.ts$', '^kit/(contract|config|validation)/'],
      'Deployment is derived from what services declare, never from how they work.',
    ),
    {
      name: 'no-service-to-service',
      severity: 'error',
      comment: 'Services meet over gRPC only.',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'no-resilience-in-services',
      severity: 'error',
      comment: 'Retries, TLS, balancing and circuit breakers belong to the mesh: services import no library for them.',
      from: { path: '^services/', pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules/(@grpc|opossum|cockatiel|p-retry|async-retry|axios-retry)/|^(node:)?(http2|tls)$' },
    },
    {
      name: 'grpc-js-behind-the-seam',
      severity: 'error',
      comment: 'The transport can be chosen: grpc-js is touched in the kit only by the seam files and their vocabulary.',
      from: { path: '^(services|cdk8s|mesh)/', pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules/@grpc/grpc-js' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Dependencies point one way.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      comment: 'Product code does not import test code.',
      from: { pathNot: '(\\.test\\.ts$|\\.fixture\\.ts$|/fixtures/|^test/|^kit/testing/|^bench/|^mesh/testing/|^laptop/)' },
      to: { path: '(\\.test\\.ts$|^test/|^kit/testing/)' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that resolves to nothing fails at run time.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^proto/gen' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
