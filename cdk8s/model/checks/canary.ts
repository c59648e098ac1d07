// Versions that routes and weights name: each has to be a subset, and the weights have to add up.
// Istio takes weights that add up to anything and shares by proportion, which is never what was meant.
import type { CheckInput } from '../resolve-platform.ts';
import type { Problem } from '../synth-error.ts';

/** Problems with canaries and header routes. */
export function checkCanary({ services, policies, policyFile }: CheckInput): Problem[] {
  const problems: Problem[] = [];
  for (const { manifest } of services) {
    const policy = policies[manifest.name];
    const versions = manifest.versions ?? ['v1'];
    const has = `its subsets are ${versions.join(', ')}`;
    const add = (field: string, message: string): void =>
      void problems.push({ file: policyFile, service: manifest.name, field, message });
    const weights = policy?.canary?.weights;
    for (const version of Object.keys(weights ?? {}).filter((version) => !versions.includes(version))) {
      add(`canary.weights.${version}`, `there is no subset '${version}'; ${has}`);
    }
    for (const [version, weight] of Object.entries(weights ?? {})) {
      if (!Number.isInteger(weight) || weight < 0 || weight > 100) {
        add(`canary.weights.${version}`, `${weight} is no whole percentage between 0 and 100`);
      }
    }
    const sum = Object.values(weights ?? {}).reduce((total, weight) => total + weight, 0);
    if (weights !== undefined && sum !== 100) {
      add('canary.weights', `the weights add up to ${sum}; make it 100`);
    }
    if (policy?.canary?.enabled === true && versions.length < 2) {
      add('canary.enabled', `there is no second version to deploy; ${has}`);
    }
    for (const route of policy?.routes ?? []) {
      if (!versions.includes(route.version)) {
        add(`routes.${route.name}.version`, `there is no subset '${route.version}'; ${has}`);
      }
      if (route.header !== route.header.toLowerCase()) {
        add(`routes.${route.name}.header`, `HTTP/2 headers are lower case; write '${route.header.toLowerCase()}'`);
      }
    }
  }
  return problems;
}
