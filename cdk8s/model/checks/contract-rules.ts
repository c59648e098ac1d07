// Validation rules in the contracts: rules that the kit's validator does not evaluate are refused.
// A rule that is written down and not enforced is worse than none, and protovalidate's CEL is not evaluated.
import type protobuf from 'protobufjs';
import { contractSourceOf } from '../contract-fields.ts';
import type { CheckInput } from '../resolve-platform.ts';
import type { Problem } from '../synth-error.ts';

/** Keys under which protobufjs keeps `buf.validate` options that hold CEL. */
const celOption = /^\(buf\.validate\.(field|message|oneof)\)(\.[a-z_.]*)?\.?cel(_expression)?(\.|$)|\.cel(\.|$)/;

function celIn(options: Readonly<Record<string, unknown>> | undefined, parsed: unknown): boolean {
  if (Object.keys(options ?? {}).some((key) => celOption.test(key))) return true;
  return holdsCel(parsed);
}

function holdsCel(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(holdsCel);
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(([key, value]) => key === 'cel' || key === 'cel_expression' || holdsCel(value));
}

interface WithParsedOptions {
  readonly parsedOptions?: unknown;
}

function validateOptions(object: protobuf.ReflectionObject): unknown {
  const parsed = (object as unknown as WithParsedOptions).parsedOptions;
  return (Array.isArray(parsed) ? parsed : []).filter((option) =>
    Object.keys(option).some((key) => key.startsWith('(buf.validate.')),
  );
}

function check(type: protobuf.Type, seen: Set<string>): string[] {
  if (seen.has(type.fullName) || type.fullName.startsWith('.google.')) return [];
  seen.add(type.fullName);
  const own = celIn(type.options, validateOptions(type)) ? [type.fullName.slice(1)] : [];
  const fields = type.fieldsArray.flatMap((field) => {
    field.resolve();
    const name = `${type.fullName.slice(1)}.${field.name}`;
    const nested = field.resolvedType;
    const below = nested !== null && 'fieldsArray' in nested ? check(nested as protobuf.Type, seen) : [];
    return [...(celIn(field.options, validateOptions(field)) ? [name] : []), ...below];
  });
  return [...own, ...fields];
}

/** Problems with validation rules in the requests of the platform's methods. */
export function checkContractRules(input: CheckInput): Problem[] {
  const seen = new Set<string>();
  const source = contractSourceOf(input.contracts);
  return input.services.flatMap(({ manifest }) => {
    const contract = input.contractOf(manifest.name);
    return (contract?.methods ?? []).flatMap((method) =>
      check(source.message(method.requestType), seen).map((field) => ({
        file: `proto/${contract?.file || manifest.contract}`,
        service: manifest.name,
        field,
        message:
          'a CEL rule, which the validator does not evaluate; use the standard rules of buf.validate, or check it in the service',
      })),
    );
  });
}
