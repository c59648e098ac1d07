// Validators of request messages from their contracts' rules, and what synth asks: are there rules that cannot be checked?
import { type ContractSource, platformContracts } from '../contract/contract-source.ts';
import type { FieldViolation } from '../errors/rpc-error.ts';
import { UnsupportedRuleError, type Violations } from './check.ts';
import { RuleCompiler } from './compile-rules.ts';

export { UnsupportedRuleError } from './check.ts';

/** Finds what is wrong with a decoded message; undefined when nothing is. */
export type Validator = (message: object) => readonly FieldViolation[] | undefined;

const compilers = new WeakMap<ContractSource, RuleCompiler>();

/**
 * The validator of a message; undefined when nothing about such messages can be wrong.
 *
 * @throws UnsupportedRuleError when the contract has a rule that cannot be checked here
 */
export function validatorOf(name: string, source: ContractSource = platformContracts): Validator | undefined {
  const compiler = compilers.get(source) ?? new RuleCompiler();
  compilers.set(source, compiler);
  const check = compiler.message(source.message(name));
  if (check === undefined) return undefined;
  return (message) => {
    const violations: Violations = [];
    check(message, violations);
    return violations.length === 0 ? undefined : violations;
  };
}

/** Rules of a message, and of the messages in it, that cannot be checked here; one text each. Synth refuses contracts with any. */
export function unsupportedRules(name: string, source: ContractSource = platformContracts): readonly string[] {
  try {
    new RuleCompiler().message(source.message(name));
    return [];
  } catch (error) {
    if (error instanceof UnsupportedRuleError) return [error.message];
    throw error;
  }
}
