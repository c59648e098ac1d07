// An ingress gateway of the run's own, as Istio's documentation has it installed: its policies touch nobody else's traffic, it
// counts on one thread, and it goes away with the namespace.
export const INGRESS = 'istio-ingressgateway';
/** Gateway objects of scenarios select by it; see rule-texts.ts. */
const LABELS = { app: INGRESS, istio: 'edge-NAMESPACE' };

/** Where requests from outside go to. */
export const ingressTarget = (namespace: string): string => `${INGRESS}.${namespace}.svc.cluster.local:80`;

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: INGRESS, namespace: 'NAMESPACE' },
  spec: {
    replicas: 1,
    selector: { matchLabels: LABELS },
    template: {
      metadata: {
        labels: { ...LABELS, 'sidecar.istio.io/inject': 'true' },
        annotations: {
          'inject.istio.io/templates': 'gateway',
          'proxy.istio.io/config': 'concurrency: 1\n',
        },
      },
      spec: {
        serviceAccountName: INGRESS,
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'istio-proxy',
            image: 'auto',
            // An image without a tag would be pulled each time.
            imagePullPolicy: 'IfNotPresent',
            resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '512Mi' } },
          },
        ],
      },
    },
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: INGRESS, namespace: 'NAMESPACE' },
  // Envoy is no root here, and listens on the target port for the Gateway's port 80.
  spec: { selector: LABELS, ports: [{ name: 'http2', port: 80, targetPort: 8080 }] },
};

export const INGRESS_OBJECTS: readonly object[] = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: INGRESS, namespace: 'NAMESPACE' } },
  deployment,
  service,
];

/** Status of an edge marker that is in force. */
export const EDGE_MARKED = 202;
export const edgeMarkerHost = (name: string): string => `${name}.marker.test`;

/** What `marker` in objects.ts is to sidecars, to the ingress gateway. */
export const edgeMarker = (name: string, value: string): string => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: marker-${name}, namespace: NAMESPACE }
spec:
  selector: { istio: edge-NAMESPACE }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${edgeMarkerHost(name)}] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge-marker-${name}, namespace: NAMESPACE }
spec:
  hosts: [${edgeMarkerHost(name)}]
  gateways: [marker-${name}]
  http:
  - match: [{ headers: { x-marker: { exact: '${value}' } } }]
    directResponse: { status: ${EDGE_MARKED} }
  - directResponse: { status: 409 }`;
