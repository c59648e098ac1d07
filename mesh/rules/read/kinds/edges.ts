// Istio's Gateway, Sidecar and ServiceEntry (networking.istio.io/v1): what enters, what a workload may see, what is outside.

import { anything, oneOf, portNumber, text, uint32 } from '../scalars.ts';
import { approximated, list, mapOf, notApplied, object, required, type ValueOf } from '../shape.ts';

const NO_TLS_EDGE = "the laptop's ingress is plain HTTP/2 and HTTP/1.1 on the loopback interface";

const server = object({
  port: required(
    object({
      number: required(portNumber),
      name: text,
      protocol: required(text),
      targetPort: notApplied(portNumber, 'the ingress listens where the launcher says'),
    }),
  ),
  bind: notApplied(text, 'the ingress listens where the launcher says'),
  hosts: required(list(text)),
  tls: approximated(anything, NO_TLS_EDGE),
  defaultEndpoint: notApplied(text, 'routes come from VirtualServices'),
  name: text,
});

export const gateway = object({ servers: list(server), selector: mapOf(text) });
export type Gateway = ValueOf<typeof gateway>;

const sidecarPort = object({ number: portNumber, name: text, protocol: text, targetPort: portNumber });
const OWN_SOCKET = 'a workload here has one inbound socket, which its sidecar knows';

export const sidecar = object({
  workloadSelector: object({ labels: mapOf(text) }),
  ingress: notApplied(anything, OWN_SOCKET),
  egress: list(
    object({
      port: notApplied(sidecarPort, 'outbound calls arrive with their name and port, whatever the listener'),
      bind: notApplied(text, 'outbound calls arrive through the tunnel'),
      captureMode: notApplied(oneOf('DEFAULT', 'IPTABLES', 'NONE'), 'outbound calls arrive through the tunnel'),
      hosts: required(list(text)),
    }),
  ),
  inboundConnectionPool: notApplied(anything, 'limits are applied on the calling side, by the DestinationRule'),
  outboundTrafficPolicy: object({
    mode: oneOf('REGISTRY_ONLY', 'ALLOW_ANY'),
    egressProxy: notApplied(anything, 'there is no egress gateway here'),
  }),
});

export type Sidecar = ValueOf<typeof sidecar>;

const endpoint = object({
  address: text,
  ports: mapOf(portNumber),
  labels: mapOf(text),
  network: notApplied(text, 'one network here'),
  locality: notApplied(text, 'one locality here'),
  weight: notApplied(uint32, 'endpoints weigh the same'),
  serviceAccount: text,
});

export const serviceEntry = object({
  hosts: required(list(text)),
  addresses: notApplied(list(text), 'hosts are found by name'),
  ports: list(object({ number: required(portNumber), protocol: text, name: text, targetPort: portNumber })),
  location: oneOf('MESH_EXTERNAL', 'MESH_INTERNAL'),
  resolution: oneOf('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
  endpoints: list(endpoint),
  workloadSelector: object({ labels: mapOf(text) }),
  exportTo: list(text),
  subjectAltNames: notApplied(list(text), "external services are reached without the mesh's certificates"),
});

export type ServiceEntry = ValueOf<typeof serviceEntry>;
