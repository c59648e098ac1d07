// `helm upgrade --install`, as a user does it, with what a test asks for beyond the defaults.
// FAIRLEAD_HELM_ARGS adds what a cluster needs, for example an image of PostgreSQL that it can pull.
import { root, run } from '../access/command.ts';
import { declaredServices } from '../access/declared.ts';
import type { Deployment } from './deployment.ts';

const extraArguments = (): string[] =>
  (process.env.FAIRLEAD_HELM_ARGS ?? '').split(/\s+/).filter((word) => word !== '');

/**
 * Values for checks. They send more requests than one address may, and set the number of pods themselves: autoscalers
 * stay, at one pod, so that a busy machine is not given more pods while it carries load. What is asked is whether calls are
 * lost, not whether the machine is fast: calls that are tried again safely may take longer than they do in production.
 */
async function testValues(): Promise<Readonly<Record<string, string>>> {
  const services = await declaredServices();
  return {
    'gateway.env.GATEWAY_PRINCIPAL_REQUESTS': '0',
    'gateway.env.GATEWAY_ADDRESS_REQUESTS': '0',
    'catalog.timeout': '15s',
    'catalog.retries.perTryTimeout': '5s',
    ...Object.fromEntries(services.map(({ name }) => [`${name}.autoscaling.max`, '1'])),
  };
}

/** Installs or upgrades the release `fairlead` with values of one's own. */
export async function helmUpgrade(
  { cluster, tag }: Deployment,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  const all = { 'global.image.tag': tag, ...(await testValues()), ...values };
  const sets = Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const where = ['--namespace', cluster.namespace, '--create-namespace'];
  await run('helm', ['upgrade', '--install', 'fairlead', 'charts/fairlead', ...where, ...extraArguments(), ...sets], {
    timeoutMs: 300_000,
    cwd: root,
  });
}
