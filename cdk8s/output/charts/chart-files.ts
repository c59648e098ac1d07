// charts/: a Helm chart a service, and one over all of them with what they share.
// The umbrella holds its parts as folders, so that it installs from a checkout without a dependency step.
import { stringify } from 'yaml';
import { platformVersion } from '../../constructs/globals.ts';
import type { MeshPlatform } from '../../constructs/mesh-platform.ts';
import type { ReleaseChart } from '../../constructs/release-chart.ts';
import { helmTemplate } from '../../values/helm-template.ts';
import { type ReleaseObject, releaseObjects } from '../release-objects.ts';
import { platformNotes, serviceNotes } from './notes.ts';
import { generated, valuesSchema, valuesYaml } from './values-files.ts';

function chartYaml(chart: ReleaseChart, dependencies: readonly object[] = []): string {
  const head = {
    apiVersion: 'v2',
    name: chart.chartName,
    description: chart.description,
    type: 'application',
    version: platformVersion,
    appVersion: platformVersion,
    ...(dependencies.length === 0 ? {} : { dependencies }),
  };
  return generated.replace('; set values of your own with -f or --set', '') + stringify(head, { lineWidth: 0 });
}

function template({ tree, condition }: ReleaseObject): string {
  const body = helmTemplate(tree);
  return condition === undefined ? body : `{{- if ${condition.template} }}\n${body}{{- end }}\n`;
}

function templates(objects: readonly ReleaseObject[]): [string, string][] {
  const parts = [...new Set(objects.map(({ part }) => part))];
  return parts.map((part) => [
    `templates/${part}.yaml`,
    `{{- /* Written by \`npm run synth\` from cdk8s/. Do not edit. */}}\n${objects
      .filter((object) => object.part === part)
      .map(template)
      .join('')}`,
  ]);
}

function serviceFiles(chart: ReleaseChart): [string, string][] {
  const objects = templates(releaseObjects(chart));
  const parent = { enabled: { description: 'Read by a chart over this one.', type: 'boolean' } };
  return [
    ['Chart.yaml', chartYaml(chart)],
    ['values.yaml', valuesYaml(chart.values.declarations)],
    ['values.schema.json', valuesSchema(chart.values.declarations, parent)],
    ['templates/NOTES.txt', serviceNotes(chart)],
    ...objects,
  ];
}

function umbrellaFiles(platform: MeshPlatform): [string, string][] {
  const { umbrella, charts } = platform;
  const objects = templates(releaseObjects(umbrella));
  for (const { chartName } of charts) {
    umbrella.values.boolean(
      `${chartName}.enabled`,
      true,
      `Deploy ${chartName}; its other values are those of charts/${chartName}.`,
    );
  }
  const dependencies = charts.map(({ chartName }) => ({
    name: chartName,
    version: platformVersion,
    condition: `${chartName}.enabled`,
  }));
  // Each service's own schema checks what is below its name.
  const below = Object.fromEntries(charts.map(({ chartName }) => [chartName, { type: 'object' }]));
  return [
    ['Chart.yaml', chartYaml(umbrella, dependencies)],
    ['values.yaml', valuesYaml(umbrella.values.declarations)],
    ['values.schema.json', valuesSchema(umbrella.values.declarations, below)],
    ['templates/NOTES.txt', platformNotes(platform)],
    ...objects,
  ];
}

/** Files of charts/ by path below it. */
export function chartFiles(platform: MeshPlatform): Map<string, string> {
  const files = new Map<string, string>();
  const { name } = platform.model;
  for (const chart of platform.charts) {
    for (const [path, content] of serviceFiles(chart)) {
      files.set(`${chart.chartName}/${path}`, content);
      files.set(`${name}/charts/${chart.chartName}/${path}`, content);
    }
  }
  for (const [path, content] of umbrellaFiles(platform)) files.set(`${name}/${path}`, content);
  return files;
}
