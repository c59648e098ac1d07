// Names and ports: each once, each something that exists.
// Kubernetes and Istio accept a rule for a host that nobody has, and then it never applies; synth does not.
import type { PlatformDeclaration } from '../resolve-platform.ts';
import type { Problem } from '../synth-error.ts';

/** Port of gRPC in every pod. */
export const grpcPort = 50051;
/** Port of /metrics, /livez and /readyz in every pod. */
export const adminPort = 9090;

const label = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** Problems with names, ports and declared calls' targets. */
export function checkNames({ services, policies, policyFile }: PlatformDeclaration): Problem[] {
  const problems: Problem[] = [];
  const names = services.map(({ manifest }) => manifest.name);
  for (const { file, manifest } of services) {
    const { name } = manifest;
    const add = (field: string, message: string): void => void problems.push({ file, service: name, field, message });
    if (!label.test(name)) add('name', `'${name}' is no DNS label; write lower case letters, digits and dashes`);
    if (names.filter((other) => other === name).length > 1) add('name', `'${name}' names two services; rename one`);
    const versions = manifest.versions ?? ['v1'];
    for (const version of twice(versions)) add('versions', `'${version}' is named twice; name each version once`);
    if (versions.length === 0 || versions.length > 2) {
      add('versions', `${versions.length} versions; one is stable and at most one is a canary`);
    }
    for (const version of versions.filter((version) => !label.test(version))) {
      add('versions', `'${version}' is no label value; write for example 'v2'`);
    }
    if (manifest.httpPort === adminPort || manifest.httpPort === grpcPort) {
      const owner = manifest.httpPort === adminPort ? '/metrics and probes' : 'gRPC';
      add('httpPort', `port ${manifest.httpPort} is taken by ${owner} in every pod; choose another`);
    }
    if (manifest.contract === undefined && manifest.httpPort === undefined) {
      add('contract', 'neither a contract nor an HTTP port: nothing could call it; declare one');
    }
    for (const [target, call] of Object.entries(manifest.calls ?? {})) {
      const callee = services.find((other) => other.manifest.name === target)?.manifest;
      if (callee === undefined) {
        add(`calls.${target}`, `there is no service '${target}'; there are ${names.join(', ')}`);
      } else if (callee.contract !== call.contract) {
        add(`calls.${target}`, `'${target}' implements ${callee.contract ?? 'no contract'}, not ${call.contract}`);
      }
    }
  }
  for (const name of Object.keys(policies).filter((name) => !names.includes(name))) {
    const message = `a rule for a host that does not exist; the services are ${names.join(', ')}`;
    problems.push({ file: policyFile, service: name, field: 'name', message });
  }
  return problems;
}
