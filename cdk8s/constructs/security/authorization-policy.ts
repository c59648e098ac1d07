// Who may call what: a rule a declared caller, with exactly the methods that it declares.
// The namespace denies whatever no rule allows, so forgetting a call closes a door and never opens one.
import type { Construct } from 'constructs';
import { adminPort, grpcPort } from '../../model/checks/names.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { principalOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import type { IdentityEndpoint } from '../workload/environment.ts';

/** Health of a gRPC server. @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const healthPath = '/grpc.health.v1.Health/Check';

/** Adds the AuthorizationPolicy. @see https://istio.io/latest/docs/reference/config/security/authorization-policy/ */
export function authorizationPolicy(
  scope: Construct,
  chart: ReleaseChart,
  service: ServiceModel,
  identity: IdentityEndpoint | undefined,
): void {
  const { globals } = chart;
  const edges = new Set(service.callers.filter((call) => call.fromEdge).map((call) => call.from));
  const callers = service.callers.map((call) => ({
    from: [{ source: { principals: [principalOf(globals, call.from).token] } }],
    to: [
      {
        operation: {
          ports: [String(grpcPort)],
          methods: ['POST'],
          paths: [
            ...call.methods.map((method) => method.path).sort(),
            // An edge tells operators how what it calls is.
            ...(edges.has(call.from) ? [healthPath] : []),
          ],
        },
      },
    ],
  }));
  const edge =
    service.edge && service.manifest.httpPort !== undefined
      ? [
          {
            from: [{ source: { namespaces: [globals.gatewayNamespace.token] } }],
            to: [{ operation: { ports: [String(service.manifest.httpPort)], notPaths: ['/metrics'] } }],
          },
        ]
      : [];
  // Scrapers and istiod are in no mesh, so they have no principal; the network policy says who reaches the port.
  const paths = ['/metrics', ...(identity?.service === service.name ? [identity.path] : [])];
  const admin = { to: [{ operation: { ports: [String(adminPort)], methods: ['GET'], paths } }] };
  meshObject(
    scope,
    'AuthorizationPolicy',
    { name: service.name, labels: chart.labelsOf(service.name) },
    {
      spec: {
        selector: { matchLabels: { app: service.name } },
        action: 'ALLOW',
        rules: [...callers, ...edge, admin],
      },
    },
  );
}
