// Methods that rules and declared calls name: each has to stand in the contract.
// A path that is misspelt in an ALLOW rule locks everybody out; in a route it silently never matches.
import type { CheckInput } from '../resolve-platform.ts';
import type { Problem } from '../synth-error.ts';

/** Problems with names of methods. */
export function checkMethods(input: CheckInput): Problem[] {
  const problems: Problem[] = [];
  const known = (service: string): readonly string[] => input.contractOf(service)?.methods.map(({ rpc }) => rpc) ?? [];
  for (const { file, manifest } of input.services) {
    for (const [target, call] of Object.entries(manifest.calls ?? {})) {
      for (const rpc of call.methods.filter((rpc) => !known(target).includes(rpc))) {
        const message = `${call.contract} has no method '${rpc}'; it has ${known(target).join(', ')}`;
        problems.push({ file, service: manifest.name, field: `calls.${target}.methods`, message });
      }
    }
    const policy = input.policies[manifest.name];
    const add = (field: string, message: string): void =>
      void problems.push({ file: input.policyFile, service: manifest.name, field, message });
    for (const [rpc, method] of Object.entries(policy?.methods ?? {})) {
      if (!known(manifest.name).includes(rpc)) {
        const has = known(manifest.name);
        add(
          `methods.${rpc}`,
          `no such method; ${has.length === 0 ? 'the service has no contract' : `it has ${has.join(', ')}`}`,
        );
      }
      for (const call of method.covers ?? []) {
        const [target = '', called = ''] = call.split('/');
        if (manifest.calls?.[target]?.methods.includes(called) !== true) {
          add(`methods.${rpc}.covers`, `'${call}' is no declared call of ${manifest.name}; declare it in ${file}`);
        }
      }
    }
    for (const name of Object.keys({ ...policy?.env, ...policy?.secrets })) {
      if (manifest.config?.[name] === undefined) {
        add(`env.${name}`, `${file} declares no variable '${name}'; declare it there`);
      }
    }
    for (const name of Object.keys(policy?.secrets ?? {})) {
      if (manifest.config?.[name]?.secret === false || manifest.config?.[name]?.secret === undefined) {
        add(`secrets.${name}`, `the variable is not secret; say \`secret: true\` in ${file}`);
      }
    }
  }
  return problems;
}
