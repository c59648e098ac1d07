// The Kubernetes kinds that rules refer to: Service (hosts and ports), Deployment (labels and identity), Namespace,
// ServiceAccount. Only what the mesh needs is read; the rest of these objects is Kubernetes' business.

import { anything, integer, portNumber, text } from '../scalars.ts';
import { list, mapOf, object, type Shape, scalar, type ValueOf } from '../shape.ts';

const targetPort: Shape<string | number> = scalar((value) =>
  typeof value === 'string' || typeof value === 'number' ? { value } : 'must be a port number or name',
);

export const service = object(
  {
    type: text,
    externalName: text,
    clusterIP: text,
    selector: mapOf(text),
    ports: list(
      object(
        { name: text, port: portNumber, targetPort, appProtocol: text, protocol: text, nodePort: portNumber },
        { open: true },
      ),
    ),
  },
  { open: true },
);

export type KubernetesService = ValueOf<typeof service>;

const container = object(
  {
    name: text,
    ports: list(object({ containerPort: portNumber, name: text, protocol: text }, { open: true })),
  },
  { open: true },
);

export const deployment = object(
  {
    replicas: integer(0),
    template: object(
      {
        metadata: object({ labels: mapOf(text), annotations: mapOf(text) }, { open: true }),
        spec: object({ serviceAccountName: text, containers: list(container) }, { open: true }),
      },
      { open: true },
    ),
  },
  { open: true },
);

export type Deployment = ValueOf<typeof deployment>;

export const withoutSpec = anything;
