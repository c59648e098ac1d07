// `npm run parity`: every scenario on the laptop mesh and on a cluster, side by side, written to docs/parity.md.
import { parseArgs } from 'node:util';
import { ClusterDriver } from './drivers/cluster/cluster.ts';
import { laptop } from './drivers/laptop.ts';
import { writeReport } from './report.ts';
import { type Outcome, runAll } from './run-all.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';

const HELP = `usage: npm run parity [-- [options]]

Runs the mesh scenarios of test/mesh/scenarios and compares what happens with what should.

options
  --driver NAME  laptop, cluster or both (default both)
  --only TEXT    only scenarios whose group or name contains this text; docs/parity.md is not written
  --list         name the scenarios and end
  --help         this text

The cluster is the one that KUBECONFIG names; it needs Istio and room for a dozen small pods. Variables:
  FAIRLEAD_PARITY_IMAGE  image with Node 24 and grpc-js below /app/node_modules, for example any image of a service
                         (default fairlead/payment:dev)
docs/parity.md is written when both drivers ran all scenarios.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function options() {
  try {
    const { values } = parseArgs({
      options: {
        driver: { type: 'string', default: 'both' },
        only: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (!['laptop', 'cluster', 'both'].includes(values.driver))
      throw new Error(`--driver takes laptop, cluster or both, not '${values.driver}'`);
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(64);
  }
}

const { driver, only, list, help } = options();
const chosen: readonly Scenario[] = SCENARIOS.filter(({ group, name }) => `${group}: ${name}`.includes(only ?? ''));
if (help || list) {
  process.stdout.write(help ? HELP : chosen.map(({ group, name }) => `${group}: ${name}\n`).join(''));
  process.exit(0);
}
if (chosen.length === 0) {
  process.stderr.write(`no scenario contains '${only}'; --list names them\n`);
  process.exit(64);
}

const results = new Map<string, ReadonlyMap<Scenario, Outcome>>();
if (driver !== 'cluster') results.set('laptop', await runAll(laptop, chosen, say));
if (driver !== 'laptop') {
  say('cluster  a namespace of its own, which is deleted at the end');
  const cluster = await ClusterDriver.open({
    scenarios: chosen,
    image: process.env.FAIRLEAD_PARITY_IMAGE ?? 'fairlead/payment:dev',
    tell: (line) => say(`cluster  ${line}`),
  }).catch((error: unknown) => {
    process.stderr.write(`the cluster cannot be used: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
  try {
    results.set('cluster', await runAll(cluster, chosen, say));
  } finally {
    await cluster.close();
  }
}
const laptopRun = results.get('laptop');
const clusterRun = results.get('cluster');
if (laptopRun !== undefined && clusterRun !== undefined && only === undefined)
  say(`written: ${await writeReport(laptopRun, clusterRun)}`);
for (const [name, outcomes] of results) {
  const count = (wanted: Outcome['verdict']): number =>
    [...outcomes.values()].filter(({ verdict }) => verdict === wanted).length;
  const known = count('known');
  const more = known === 0 ? '' : `, ${known} differ${known === 1 ? 's' : ''} for known reasons`;
  say(`${name}: ${count('as expected')} of ${outcomes.size} as expected${more}`);
  if (count('different') > 0) process.exitCode = 1;
}
