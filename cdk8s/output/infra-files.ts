// infra/: every object at its default values, one YAML document an object, in files that apply in their order.
// `kubectl apply -f infra/` takes the files of the folder itself; observability has folders of its own below it.
import { stringify } from 'yaml';
import type { MeshPlatform } from '../constructs/mesh-platform.ts';
import type { ReleaseChart } from '../constructs/release-chart.ts';
import { type Manifested, validate } from '../objects/models.ts';
import { observabilityObjects } from '../observability/stack.ts';
import { namespaceObject } from './namespace-object.ts';
import { defaultObjects, releaseObjects } from './release-objects.ts';

const head = '# Written by `npm run synth` from cdk8s/. Do not edit.\n';

/** Objects as a stream of YAML documents. */
export function documents(objects: readonly Manifested[]): string {
  return (
    head + objects.map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('')
  );
}

const order: Readonly<Record<string, number>> = { mesh: 10, 'release-secrets': 15, postgres: 20 };

function chartFiles(chart: ReleaseChart): [string, string][] {
  const objects = releaseObjects(chart);
  if (chart.chartName !== chart.platform) {
    return [[`${chart.order}-${chart.chartName}.yaml`, documents(defaultObjects(objects))]];
  }
  return [...new Set(objects.map(({ part }) => part))].flatMap((part) => {
    const present = defaultObjects(objects.filter((object) => object.part === part));
    return present.length === 0 ? [] : [[`${order[part] ?? 25}-${part}.yaml`, documents(present)] as [string, string]];
  });
}

/** Files of infra/ by path below it. */
export function infraFiles(platform: MeshPlatform): Map<string, string> {
  const charts = [platform.umbrella, ...platform.charts].flatMap(chartFiles);
  const observability = [...observabilityObjects(platform.model)].map(([path, objects]): [string, string] => {
    for (const object of objects) validate(object);
    return [`observability/${path}`, documents(objects)];
  });
  return new Map([
    ['00-namespace.yaml', documents([namespaceObject(platform.model.name)])],
    ...charts,
    ...observability,
  ]);
}
