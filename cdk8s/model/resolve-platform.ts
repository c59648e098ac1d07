// From manifests and policies to the platform's model, through every refusal.
// The order matters: names and methods are checked before anything is derived from them.

import { type Contract, loadContract } from '#kit/contract/contract.ts';
import type { ContractSource } from '#kit/contract/contract-source.ts';
import { checkBudgets } from './checks/budgets.ts';
import { checkCanary } from './checks/canary.ts';
import { checkContractRules } from './checks/contract-rules.ts';
import { checkCycles } from './checks/cycles.ts';
import { checkMethods } from './checks/methods.ts';
import { checkNames } from './checks/names.ts';
import { checkRetries } from './checks/retries.ts';
import type { ManifestSource } from './manifest.ts';
import { methodsOf } from './methods.ts';
import type { ServicePolicy } from './policy.ts';
import type { CallModel, MethodModel, PlatformModel, ServiceModel } from './service-model.ts';
import { type Problem, SynthError } from './synth-error.ts';

/** What a platform is made of. */
export interface PlatformDeclaration {
  /** Name of the platform, and of its namespace at the defaults. */
  readonly name: string;
  readonly services: readonly ManifestSource[];
  /** By service name; a service that is not named has the defaults. */
  readonly policies: Readonly<Record<string, ServicePolicy>>;
  /** File of the policies, for messages. */
  readonly policyFile: string;
  /** Where contracts are read. @default - the platform's `proto/` */
  readonly contracts?: ContractSource;
}

/** What the checks see. */
export interface CheckInput extends PlatformDeclaration {
  readonly contractOf: (service: string) => Contract | undefined;
}

function throwAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new SynthError(problems);
}

type Base = Omit<ServiceModel, 'calls' | 'callers'>;

function serviceOf({ file, manifest }: ManifestSource, input: CheckInput): Base {
  const policy = input.policies[manifest.name] ?? {};
  const contract = input.contractOf(manifest.name);
  const [stable = 'v1', second] = manifest.versions ?? ['v1'];
  const canary = second ?? `v${Number(/\d+$/.exec(stable)?.[0] ?? 1) + 1}`;
  return {
    name: manifest.name,
    file,
    manifest,
    policy,
    ...(contract === undefined ? {} : { contract }),
    methods: methodsOf(contract, policy),
    stable,
    canary,
    canaryEnabled: policy.canary?.enabled ?? second !== undefined,
    canaryWeight: policy.canary?.weights?.[canary] ?? 0,
    edge: policy.edge ?? manifest.httpPort !== undefined,
  };
}

function callsOf(bases: readonly Base[]): CallModel[] {
  const methods = new Map(bases.map((base) => [base.name, base.methods]));
  return bases.flatMap((base) =>
    Object.entries(base.manifest.calls ?? {}).map(([to, call]) => ({
      from: base.name,
      fromEdge: base.edge,
      to,
      methods: call.methods
        .map((rpc) => methods.get(to)?.find((method) => method.rpc === rpc))
        .filter((method): method is MethodModel => method !== undefined),
    })),
  );
}

/**
 * Derives the platform's model.
 *
 * @throws SynthError with every problem found at the first stage that has any
 */
export function resolvePlatform(declaration: PlatformDeclaration): PlatformModel {
  throwAny(checkNames(declaration));
  const contracts = new Map(
    declaration.services.map(({ manifest: { name, contract } }) => [
      name,
      contract === undefined ? undefined : loadContract(contract, declaration.contracts),
    ]),
  );
  const input: CheckInput = { ...declaration, contractOf: (service) => contracts.get(service) };
  throwAny([...checkMethods(input), ...checkCanary(input), ...checkRetries(input), ...checkContractRules(input)]);

  const bases = declaration.services.map((source) => serviceOf(source, input));
  const calls = callsOf(bases);
  const services = bases
    .map((base) => ({
      ...base,
      calls: calls.filter((call) => call.from === base.name),
      callers: calls.filter((call) => call.to === base.name),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  throwAny([...checkCycles(services, declaration.policyFile), ...checkBudgets(services, declaration.policyFile)]);
  return { name: declaration.name, services };
}
