// The small platform that the constructs are tested with: an edge, two services, an event, a secret, a canary.
// Tests change one thing of it at a time.
import { fileURLToPath } from 'node:url';
import { Duration } from 'cdk8s';
import { ContractSource } from '#kit/contract/contract-source.ts';
import { MeshPlatform, type MeshPlatformProps } from '../constructs/mesh-platform.ts';
import type { Manifest, ManifestSource } from '../model/manifest.ts';
import type { ServicePolicy } from '../model/policy.ts';
import type { PlatformDeclaration } from '../model/resolve-platform.ts';
import type { Manifested } from '../objects/models.ts';
import { defaultObjects, releaseObjects } from '../output/release-objects.ts';

const folder = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Contracts of the shop. */
export const shopContracts: ContractSource = ContractSource.ofFolder(folder('proto'));

/** A contract with a CEL rule. */
export const celContracts: ContractSource = ContractSource.ofFolder(folder('cel'));

/** Manifests of the shop. */
export const shopManifests: Readonly<Record<'front' | 'order' | 'stock', Manifest>> = {
  front: {
    name: 'front',
    description: 'The way in.',
    httpPort: 8080,
    calls: { order: { contract: 'shop.v1.OrderService', methods: ['Buy'] } },
  },
  order: {
    name: 'order',
    contract: 'shop.v1.OrderService',
    description: 'Buys.',
    calls: { stock: { contract: 'shop.v1.StockService', methods: ['Get', 'Take'] } },
    database: { engine: 'postgres' },
    publishes: ['shop.v1.Bought'],
    config: {
      GREETING: { kind: 'string', description: 'What is said.', default: 'hello' },
      SIGNING_KEY: { kind: 'string', description: 'Signs.', default: '', secret: true },
    },
  },
  stock: {
    name: 'stock',
    contract: 'shop.v1.StockService',
    description: 'What there is.',
    versions: ['v1', 'v2'],
    database: { engine: 'postgres' },
  },
};

/** Policies of the shop. */
export const shopPolicies: Readonly<Record<string, ServicePolicy>> = {
  front: { routes: [{ name: 'premium', header: 'x-user-type', value: 'premium', version: 'v1' }] },
  order: { timeout: Duration.seconds(5), secrets: { SIGNING_KEY: 'ed25519-private-key' } },
  stock: { canary: { weights: { v1: 80, v2: 20 } }, methods: { Take: { timeout: Duration.seconds(4) } } },
};

/** Everything about the shop. */
export type ShopDeclaration = PlatformDeclaration & MeshPlatformProps;

/** The shop's declaration, with manifests and policies of one's own in place of some. */
export function shopWith(
  manifests: Readonly<Record<string, Manifest>> = {},
  policies: Readonly<Record<string, ServicePolicy>> = {},
  contracts: ContractSource = shopContracts,
): ShopDeclaration {
  const services: ManifestSource[] = Object.values({ ...shopManifests, ...manifests }).map((manifest) => ({
    file: `services/${manifest.name}/manifest.ts`,
    manifest,
  }));
  return {
    name: 'shop',
    services,
    policies: { ...shopPolicies, ...policies },
    policyFile: 'platform.ts',
    contracts,
    identity: { service: 'order', path: '/keys' },
  };
}

/** All objects of a platform at the defaults. */
export function objectsOf(platform: MeshPlatform): Manifested[] {
  return [platform.umbrella, ...platform.charts].flatMap((chart) => defaultObjects(releaseObjects(chart)));
}

/** All objects of the shop at the defaults. */
export function shopObjects(): Manifested[] {
  return objectsOf(new MeshPlatform(shopWith()));
}

/** One object, which has to be there; nested fields are read with {@link at}. */
export function objectOf(objects: readonly Manifested[], kind: string, name: string): Manifested {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

/** The value at a path such as `spec.http.0.timeout`; undefined where it ends early. */
export function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((node, key) => {
    return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  }, object);
}
