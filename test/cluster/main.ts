// `npm run test:cluster`: deploys the platform to the cluster that KUBECONFIG names, checks it, and cleans up.
// Two hooks hide what differs between clusters; see --help.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ApiClient } from '../story/api-client.ts';
import { Cluster } from './access/cluster.ts';
import { declaredCalls, declaredServices } from './access/declared.ts';
import { diagnose } from './access/diagnosis.ts';
import { awaitReady, type Deployment, removeAll } from './deploy/deployment.ts';
import { provideImage } from './deploy/images.ts';
import { ingressUrl } from './deploy/ingress.ts';
import { awaitTokens } from './deploy/tokens.ts';
import { type Way, ways } from './deploy/ways.ts';
import type { Check, Stage } from './stage.ts';

const help = `usage: npm run test:cluster [-- options]

Deploys Fairlead into namespace fairlead of the cluster that KUBECONFIG names (Istio must be there), runs the checks,
says what failed with the pods' events and logs, and removes everything. Needs kubectl and helm on PATH.

options
  --deploy WAYS    helm, kubectl, skaffold, or several with commas: one after another,
                   each into a cluster without Fairlead. All checks follow helm, a short
                   set the others                                     (default: helm)
  --only 1,5       only these checks
  --skip-images    the images are there already
  --skip-deploy    the platform is deployed already
  --keep           leave the platform in the cluster
  --tag TAG        tag of the images; kubectl takes the default       (default: 0.1.0)
  --list           name the checks

environment
  FAIRLEAD_BUILD_IMAGE  shell command that builds $IMAGE of $SERVICE from $CONTEXT ($NODE_IMAGE if set)  (default: docker build)
  FAIRLEAD_LOAD_IMAGE   shell command that brings $IMAGE to the nodes, for example: kind load docker-image "$IMAGE"
  FAIRLEAD_PUSH_IMAGE   the same where Skaffold wants $IMAGE pushed   (default: docker push "$IMAGE")
  FAIRLEAD_HELM_ARGS    more arguments for helm, for example: --set postgres.image=registry.example.com/postgres:18
  FAIRLEAD_INGRESS_URL  where the ingress gateway answers             (default: asked of its Service)
  SKAFFOLD_PROFILE, SKAFFOLD_DEFAULT_REPO and the like are Skaffold's own
`;

const { values } = parseArgs({
  options: {
    deploy: { type: 'string', default: 'helm' },
    only: { type: 'string' },
    'skip-images': { type: 'boolean', default: false },
    'skip-deploy': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    tag: { type: 'string', default: '0.1.0' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const words = (text: string): string[] => text.split(',').filter((word) => word !== '');
const chosen = words(values.deploy) as Way[];
for (const way of chosen) {
  if (way in ways) continue;
  console.error(`--deploy takes ${Object.keys(ways).join(', ')}, not '${way}'\n\n${help}`);
  process.exit(64);
}

const folder = fileURLToPath(new URL('./checks/', import.meta.url));
const loaded = await Promise.all(
  globSync('*.ts', { cwd: folder }).map(
    async (file) => ((await import(`${folder}${file}`)) as { default: Check }).default,
  ),
);
const asked = new Set(words(values.only ?? '').map(Number));
const checks = loaded
  .sort((a, b) => a.number - b.number)
  .filter((check) => asked.size === 0 || asked.has(check.number));
if (values.list) {
  for (const check of checks) console.log(`${check.number}. ${check.name}${check.short ? ' (short set)' : ''}`);
  process.exit(0);
}

const started = performance.now();
const since = (start: number): string => `${Math.round((performance.now() - start) / 1000)} s`;
const tell = (line: string): void => console.log(`${since(started).padStart(8)}  ${line}`);
const cluster = new Cluster('fairlead');
const deployment: Deployment = { cluster, tag: values.tag, tell };
const manifests = await declaredServices();
let passed = 0;
const failed: string[] = [];

async function step(name: string, work: () => Promise<void>): Promise<boolean> {
  console.log(name);
  const begun = performance.now();
  try {
    await work();
    passed++;
    console.log(`ok     ${name} (${since(begun)})`);
    return true;
  } catch (error) {
    failed.push(name);
    console.log(`FAILED ${name} (${since(begun)})`);
    console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (error instanceof Error && error.cause !== undefined) console.log(`because: ${String(error.cause)}`);
    console.log(await diagnose(cluster));
    return false;
  }
}

const images = async (): Promise<void> => {
  for (const [index, { name }] of manifests.entries()) {
    tell(`image ${index + 1} of ${manifests.length}: ${name}`);
    await provideImage(name, `fairlead/${name}:${values.tag}`);
  }
};

const deploy = async (way: Way): Promise<void> => {
  await removeAll(cluster);
  await ways[way](deployment);
  await awaitReady(deployment);
  await awaitTokens(new ApiClient(await ingressUrl()), tell);
};

async function test(way: Way): Promise<void> {
  if (!values['skip-deploy'] && !(await step(`deploy with ${way}`, () => deploy(way)))) return;
  const api = new ApiClient(await ingressUrl());
  const stage: Stage = { cluster, deployment, api, ...declaredCalls(manifests), tell };
  for (const check of checks) {
    if (way !== 'helm' && !check.short) continue;
    await step(`${chosen.length > 1 ? `${way}: ` : ''}${check.number}. ${check.name}`, () => check.run(stage));
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.log(`${signal}: ${values.keep ? 'what was deployed stays' : 'cleaning up'}`);
    void (values.keep ? Promise.resolve() : removeAll(cluster)).finally(() => process.exit(130));
  });

try {
  // Skaffold builds images of its own.
  const build = !values['skip-images'] && !values['skip-deploy'] && chosen.some((way) => way !== 'skaffold');
  if (!build || (await step('images', images))) for (const way of chosen) await test(way);
} finally {
  if (!values.keep) {
    console.log('cleaning up');
    await removeAll(cluster);
  }
}
if (failed.length > 0) console.log(`failed: ${failed.join('; ')}`);
console.log(`${passed} passed, ${failed.length} failed, ${since(started)}`);
process.exitCode = failed.length > 0 ? 1 : 0;
