// Builds one image a service through two hooks, the only things that differ between clusters.
// FAIRLEAD_BUILD_IMAGE builds (default: docker), FAIRLEAD_LOAD_IMAGE brings it to the nodes (default: nothing to do).
import { fileURLToPath } from 'node:url';
import { run } from './command.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const dockerBuild =
  'docker build --tag "$IMAGE" --build-arg SERVICE="$SERVICE" $' +
  '{NODE_IMAGE:+--build-arg NODE_IMAGE="$NODE_IMAGE"} "$CONTEXT"';

/**
 * Builds an image and loads it. The hooks are shell commands that find IMAGE, SERVICE, CONTEXT and NODE_IMAGE in
 * their environment.
 *
 * @throws Error with the hook's output when it fails
 */
export async function provideImage(service: string, image: string): Promise<void> {
  const env = { IMAGE: image, SERVICE: service, CONTEXT: root };
  const build = process.env.FAIRLEAD_BUILD_IMAGE ?? dockerBuild;
  await run('sh', ['-c', build], { env, timeoutMs: 600_000 });
  const load = process.env.FAIRLEAD_LOAD_IMAGE;
  if (load !== undefined && load !== '') await run('sh', ['-c', load], { env, timeoutMs: 300_000 });
}
