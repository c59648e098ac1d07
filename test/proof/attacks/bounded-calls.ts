// The bounds that `npm run synth` gives every service: a sidecar lets no more calls at once out to it.
import { istio } from '../../../mesh/rules/testing/manifests.ts';

/** The DestinationRule of a host. */
export const boundedCalls = (host: string): string =>
  istio(
    'DestinationRule',
    host,
    `host: ${host}\ntrafficPolicy: { connectionPool: { tcp: { maxConnections: 128 }, http: { http2MaxRequests: 1024 } } }`,
  );
