// Waits until the edge accepts the platform's access tokens. Istiod reads the keys once when the rule comes, which is before the
// user service runs, and again after a minute: until then a fresh installation refuses every token.
import type { ApiClient } from '../../story/api-client.ts';
import { register } from '../../story/commerce-story.ts';
import { run } from '../access/command.ts';

/** Istiod asks for keys again after 20 minutes only: after a new installation with new keys it has to be told. */
async function forgetOldKeys(): Promise<void> {
  await run('kubectl', ['--namespace', 'istio-system', 'rollout', 'restart', 'deployment/istiod']);
  const status = ['rollout', 'status', 'deployment/istiod', '--timeout=120s'];
  await run('kubectl', ['--namespace', 'istio-system', ...status], { timeoutMs: 130_000 });
}

/** Registers somebody and asks who that is until the answer is 200. @throws Error when it is not after three minutes */
export async function awaitTokens(api: ApiClient, tell: (line: string) => void): Promise<void> {
  const end = performance.now() + 180_000;
  let customer: Awaited<ReturnType<typeof register>> | undefined;
  let last = 'nothing';
  let restarted = false;
  while (performance.now() < end) {
    try {
      customer ??= await register(api);
      const reply = await customer.api.send('GET', '/api/v2/users/me');
      if (reply.status === 200) return;
      if (last !== String(reply.status))
        tell(`waiting until the edge accepts tokens: ${reply.status} ${JSON.stringify(reply.body)}`);
      last = String(reply.status);
      if (!restarted && JSON.stringify(reply.body).includes('key to match kid')) {
        restarted = true;
        tell('istiod has the keys of an installation that is gone: restarting it');
        await forgetOldKeys();
      }
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`the edge does not accept tokens after 180 s: ${last}; see the logs of istiod about jwks`);
}
