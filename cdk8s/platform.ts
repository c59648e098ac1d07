// The one place where resilience and deployment of each service is said; everything else is derived.
// A service that is not named here has the defaults, see model/policy.ts.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Duration, Size } from 'cdk8s';
import { MeshPlatform } from './constructs/mesh-platform.ts';
import type { Manifest, ManifestSource } from './model/manifest.ts';
import type { ServicePolicy } from './model/policy.ts';

const { seconds, millis } = { seconds: (n: number) => Duration.seconds(n), millis: (n: number) => Duration.millis(n) };

/** Policies by service. */
export const policies: Readonly<Record<string, ServicePolicy>> = {
  catalog: {
    // Listing and streaming walk large tables.
    resources: { memoryLimit: Size.mebibytes(320) },
    objectives: { latency: millis(250) },
  },
  gateway: {
    edge: true,
    // The ingress gateway is the one proxy in front that is believed.
    env: { GATEWAY_TRUSTED_PROXIES: '1' },
    routes: [{ name: 'premium', header: 'x-user-type', value: 'premium', version: 'v1' }],
    // The registry page shows what the Kubernetes API says.
    kubernetesApi: [
      { apiGroups: [''], resources: ['pods'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
    ],
    resources: { memory: Size.mebibytes(128), memoryLimit: Size.mebibytes(384) },
    objectives: { latency: seconds(1) },
  },
  inventory: {
    objectives: { latency: millis(250) },
  },
  notification: {
    // Emails leave from a queue; a call only files them.
    timeout: seconds(3),
  },
  order: {
    methods: {
      CreateOrder: {
        timeout: seconds(25),
        covers: [
          'catalog/BatchGetProducts',
          'inventory/Reserve',
          'payment/Charge',
          'shipping/Schedule',
          'inventory/Commit',
        ],
      },
      CancelOrder: {
        timeout: seconds(25),
        retries: false,
        covers: ['shipping/Cancel', 'payment/Refund', 'inventory/Release'],
      },
    },
    objectives: { latency: seconds(5) },
  },
  payment: {
    // The card network may be slow; whoever waits for it has a budget for that.
    methods: { Charge: { timeout: seconds(10) }, Refund: { timeout: seconds(10) } },
    canary: { weights: { v1: 90, v2: 10 } },
    objectives: { availability: 99.95, latency: seconds(5) },
  },
  realtime: {
    // Joining a room asks order-query who the order's owner is.
    connectionPool: { maxRequests: 10_000 },
  },
  user: {
    // Passwords are hashed with a function that is slow on purpose.
    timeout: seconds(5),
    secrets: { USER_SIGNING_KEY: 'ed25519-private-key' },
    resources: { cpuMillis: 50, memory: Size.mebibytes(128), memoryLimit: Size.mebibytes(384) },
    objectives: { latency: seconds(1) },
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));

/** Manifests of all services in services/, in the order of their names. */
export async function manifests(): Promise<ManifestSource[]> {
  const files = globSync('services/*/manifest.ts', { cwd: root }).sort();
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(`../${file.replaceAll('\\', '/')}`, import.meta.url).href)) as {
        default: Manifest;
      };
      return { file: file.replaceAll('\\', '/'), manifest: module.default };
    }),
  );
}

/** The platform as declared. */
export async function fairlead(): Promise<MeshPlatform> {
  const services = await manifests();
  return new MeshPlatform({
    name: 'fairlead',
    services,
    policies,
    policyFile: 'cdk8s/platform.ts',
    identity: { service: 'user', path: '/.well-known/jwks.json' },
  });
}
