// One image a service, by the script that Skaffold's custom builder calls too. Its hooks are what differs between clusters.
import { fileURLToPath } from 'node:url';
import { run } from '../access/command.ts';

const script = fileURLToPath(new URL('../../../scripts/build-image.sh', import.meta.url));

/** Builds the image of a service and brings it to the nodes. @throws Error with what the hook said when it fails */
export async function provideImage(service: string, image: string): Promise<void> {
  await run('sh', [script, service], { env: { IMAGE: image, PUSH_IMAGE: 'false' }, timeoutMs: 900_000 });
}
