// A laptop mesh of the namespace `shop`, whose rules do not change while it runs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IngressOptions } from '../../mesh/proxy/mesh-options.ts';
import { type RunningMesh, startMesh } from '../../mesh/start-mesh.ts';

/** @param folder is empty, and stays the caller's. @param ingress starts an ingress gateway too. */
export async function startShopMesh(
  folder: string,
  manifests: readonly string[],
  ingress?: IngressOptions,
): Promise<RunningMesh> {
  const rules = join(folder, 'rules.yaml');
  await writeFile(rules, manifests.join('\n---\n'));
  return startMesh({
    manifests: rules,
    namespace: 'shop',
    stateDir: join(folder, 'state'),
    watch: false,
    ...(ingress === undefined ? {} : { ingress }),
  });
}
