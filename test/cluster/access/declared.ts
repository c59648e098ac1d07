// What the manifests declare: methods and edges. The cluster's policies are held against this, not against themselves.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadContract } from '../../../kit/contract/contract.ts';
import type { ServiceManifest } from '../../../kit/manifest.ts';

/** One method of a deployed service. */
export interface Method {
  readonly service: string;
  readonly rpc: string;
  /** `/package.Service/Rpc` */
  readonly path: string;
  readonly idempotent: boolean;
}

/** A declared call. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

const services = fileURLToPath(new URL('../../../services/', import.meta.url));

/** The manifests of all services, by name. */
export async function declaredServices(): Promise<readonly ServiceManifest[]> {
  const files = globSync('*/manifest.ts', { cwd: services }).sort();
  return Promise.all(
    files.map(async (file) => ((await import(`${services}${file}`)) as { default: ServiceManifest }).default),
  );
}

/** Every method of every service, and every declared call. */
export function declaredCalls(manifests: readonly ServiceManifest[]): {
  readonly methods: readonly Method[];
  readonly edges: readonly Edge[];
} {
  const methods = manifests.flatMap((manifest) =>
    manifest.contract === undefined
      ? []
      : loadContract(manifest.contract).methods.map((method) => ({
          service: manifest.name,
          rpc: method.rpc,
          path: method.path,
          idempotent: method.idempotency !== 'UNKNOWN',
        })),
  );
  const edges = manifests.flatMap((manifest) =>
    Object.entries(manifest.calls ?? {}).flatMap(([to, call]) =>
      call.methods.map((rpc) => ({ from: manifest.name, to, path: `/${call.contract}/${rpc}` })),
    ),
  );
  return { methods, edges };
}
