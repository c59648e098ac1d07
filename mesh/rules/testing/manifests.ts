// Manifests for tests: a small platform, and short forms for the objects that tests are about.

import { loadRuleSet, type RuleSet } from '../model/rule-set.ts';

export function service(name: string, options: { readonly namespace?: string; readonly port?: number } = {}): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${options.namespace ?? 'shop'} }
spec: { selector: { app: ${name} }, ports: [{ name: grpc, port: ${options.port ?? 50051}, targetPort: 50051, appProtocol: grpc }] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: ${options.namespace ?? 'shop'} }
`;
}

export function deployment(name: string, version = 'v1', replicas = 1, namespace = 'shop'): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}-${version}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name}, version: ${version} } }
  template:
    metadata: { labels: { app: ${name}, version: ${version} } }
    spec:
      serviceAccountName: ${name}
      containers: [{ name: app, ports: [{ name: grpc, containerPort: 50051 }] }]
`;
}

export function istio(kind: string, name: string, spec: string, namespace = 'shop'): string {
  const group = ['VirtualService', 'DestinationRule', 'Gateway', 'Sidecar', 'ServiceEntry'].includes(kind)
    ? 'networking'
    : kind === 'Telemetry'
      ? 'telemetry'
      : 'security';
  return `
apiVersion: ${group}.istio.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec:
${spec
  .trim()
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
`;
}

/** checkout calls payment, which has two versions; catalog stands beside them. */
export const PLATFORM: readonly string[] = [
  service('checkout'),
  deployment('checkout'),
  service('payment'),
  deployment('payment', 'v1'),
  deployment('payment', 'v2'),
  service('catalog'),
  deployment('catalog'),
  istio(
    'DestinationRule',
    'payment',
    'host: payment\nsubsets:\n- { name: v1, labels: { version: v1 } }\n- { name: v2, labels: { version: v2 } }',
  ),
];

export function rulesFrom(...documents: readonly string[]): RuleSet {
  return loadRuleSet([{ file: 'test.yaml', text: documents.join('\n---\n') }]);
}

/** The platform with more rules on top. */
export function platform(...documents: readonly string[]): RuleSet {
  return rulesFrom(...PLATFORM, ...documents);
}
