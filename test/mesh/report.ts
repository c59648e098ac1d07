// Writes docs/parity.md: a row a scenario, with what each mesh did and what was counted.
import { writeFile } from 'node:fs/promises';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import type { Outcome } from './run-all.ts';
import type { Scenario } from './scenario.ts';

const FILE = new URL('../../docs/parity.md', import.meta.url);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'not run';
  const figures = outcome.figures.join(' / ');
  return cell(
    `${{ 'as expected': '✓', known: 'differs (see below)', different: '**differs**' }[outcome.verdict]} ${figures}`,
  );
}

/** @returns the file's path from the root of the repository. */
export async function writeReport(
  laptop: ReadonlyMap<Scenario, Outcome>,
  cluster: ReadonlyMap<Scenario, Outcome>,
): Promise<string> {
  const groups = Object.groupBy(laptop.keys(), (each) => each.group);
  const count = (outcomes: ReadonlyMap<Scenario, Outcome>): number =>
    [...outcomes.values()].filter((each) => each.verdict === 'as expected').length;
  const lines = [
    '# The laptop mesh beside a real one',
    '',
    'Written by `npm run parity`, which runs the same scenarios (`test/mesh/scenarios`) with the same workload program on the',
    'laptop mesh and on a Kubernetes cluster with Istio. A scenario is rules, calls, and the verdict that any mesh must give;',
    'the figures are what was counted, one part a step: statuses at the caller, who answered, attempts at the service.',
    '',
    `${laptop.size} scenarios: ${count(laptop)} as expected on the laptop, ${count(cluster)} on the cluster; what differs is explained`,
    '[below](#differences).',
  ];
  for (const [group, scenarios] of Object.entries(groups)) {
    lines.push(
      '',
      `## ${group[0]?.toUpperCase()}${group.slice(1)}`,
      '',
      '| scenario | laptop | cluster |',
      '| --- | --- | --- |',
    );
    for (const scenario of scenarios ?? [])
      lines.push(`| ${cell(scenario.name)} | ${shown(laptop.get(scenario))} | ${shown(cluster.get(scenario))} |`);
  }
  lines.push('', '## Differences', '');
  lines.push(
    'Some depend on which of two timers is first, so they are listed whether or not this run showed them.',
    '',
    ...KNOWN_DIFFERENCES.map((each) => `- **${each.scenario}** (${each.driver}): ${cell(each.reason)}`),
  );
  for (const [scenario, { verdict, problems }] of [...laptop, ...cluster])
    if (verdict === 'different')
      lines.push(`- **${scenario.group}: ${scenario.name}**: not explained. ${cell(problems.join('; '))}`);
  await writeFile(FILE, `${lines.join('\n')}\n`);
  return 'docs/parity.md';
}
