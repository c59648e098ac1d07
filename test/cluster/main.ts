// `npm run test:cluster`: deploys the platform to the cluster that KUBECONFIG names, checks it, and cleans up.
// Two hooks hide what differs between clusters; see --help.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ApiClient } from '../story/api-client.ts';
import { Cluster } from './access/cluster.ts';
import { declaredCalls, declaredServices } from './access/declared.ts';
import { awaitReady, type Deployment, helmUpgrade, prepareNamespace, removeAll } from './access/deployment.ts';
import { diagnose } from './access/diagnosis.ts';
import { provideImage } from './access/images.ts';
import { ingressUrl } from './access/ingress.ts';
import { awaitTokens } from './access/tokens.ts';
import type { Check, Stage } from './stage.ts';

const help = `usage: npm run test:cluster [-- options]

Deploys Fairlead into namespace fairlead of the cluster that KUBECONFIG names (Istio must be there), runs the checks,
says what failed with the pods' events and logs, and removes everything. Needs kubectl and helm on PATH.

options
  --only 1,5       only these checks
  --skip-images    the images are there already
  --skip-deploy    the platform is deployed already
  --keep           leave the platform in the cluster
  --tag TAG        tag of the images                                  (default: dev)
  --list           name the checks

environment
  FAIRLEAD_BUILD_IMAGE  shell command that builds $IMAGE of $SERVICE from $CONTEXT ($NODE_IMAGE if set)  (default: docker build)
  FAIRLEAD_LOAD_IMAGE   shell command that brings $IMAGE to the nodes, for example: kind load docker-image "$IMAGE"
  FAIRLEAD_HELM_ARGS    more arguments for helm, for example: --set postgres.image=registry.example.com/postgres:18
  FAIRLEAD_INGRESS_URL  where the ingress gateway answers             (default: asked of its Service)
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'skip-images': { type: 'boolean', default: false },
    'skip-deploy': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    tag: { type: 'string', default: 'dev' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const folder = fileURLToPath(new URL('./checks/', import.meta.url));
const loaded = await Promise.all(
  globSync('*.ts', { cwd: folder }).map(
    async (file) => ((await import(`${folder}${file}`)) as { default: Check }).default,
  ),
);
const asked = new Set(
  (values.only ?? '')
    .split(',')
    .filter((word) => word !== '')
    .map(Number),
);
const checks = loaded
  .sort((a, b) => a.number - b.number)
  .filter((check) => asked.size === 0 || asked.has(check.number));
if (values.list) {
  for (const check of checks) console.log(`${check.number}. ${check.name}`);
  process.exit(0);
}

const started = performance.now();
const tell = (line: string): void =>
  console.log(`  ${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${line}`);
const cluster = new Cluster('fairlead');
const deployment: Deployment = { cluster, tag: values.tag, tell };
const manifests = await declaredServices();
let passed = 0;
const failed: string[] = [];

async function step(name: string, work: () => Promise<void>): Promise<boolean> {
  console.log(name);
  try {
    await work();
    passed++;
    return true;
  } catch (error) {
    failed.push(name);
    console.log(`FAILED ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
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
const deploy = async (): Promise<void> => {
  await removeAll(cluster);
  await prepareNamespace();
  await helmUpgrade(deployment);
  await awaitReady(deployment);
  await awaitTokens(new ApiClient(await ingressUrl()), tell);
};

try {
  let ready = true;
  if (!values['skip-images'] && !values['skip-deploy']) ready = await step('images', images);
  if (ready && !values['skip-deploy']) ready = await step('deploy with helm', deploy);
  if (ready) {
    const stage: Stage = {
      cluster,
      deployment,
      api: new ApiClient(await ingressUrl()),
      ...declaredCalls(manifests),
      tell,
    };
    for (const check of checks) await step(`${check.number}. ${check.name}`, () => check.run(stage));
  }
} finally {
  if (!values.keep) {
    console.log('cleaning up');
    await removeAll(cluster);
  }
}
if (failed.length > 0) console.log(`failed: ${failed.join('; ')}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
