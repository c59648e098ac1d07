// Probes: gRPC's own health protocol says when a service starts and is ready; an HTTP edge says so on its admin port.
// Liveness asks only whether the process still answers, under a health name of its own: a lost database must restart nobody.
import { adminPort, grpcPort } from '../../model/checks/names.ts';
import type { ServiceModel } from '../../model/service-model.ts';

interface Probe {
  grpc?: { port: number; service: string };
  httpGet?: { path: string; port: number };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
  successThreshold: number;
}

const timing = { timeoutSeconds: 2, successThreshold: 1 };

/** The three probes of a service's container. */
export function probesOf(service: ServiceModel): { startupProbe: Probe; readinessProbe: Probe; livenessProbe: Probe } {
  const grpc = service.contract !== undefined;
  const ready = grpc ? { grpc: { port: grpcPort, service: '' } } : { httpGet: { path: '/readyz', port: adminPort } };
  const live = grpc
    ? { grpc: { port: grpcPort, service: 'liveness' } }
    : { httpGet: { path: '/livez', port: adminPort } };
  return {
    // Migrations and a database that starts at the same time: three minutes before anything is called broken.
    startupProbe: { ...ready, periodSeconds: 2, failureThreshold: 90, ...timing },
    readinessProbe: { ...ready, periodSeconds: 3, failureThreshold: 2, ...timing },
    livenessProbe: { ...live, periodSeconds: 10, failureThreshold: 6, ...timing },
  };
}
