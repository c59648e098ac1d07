// Validation rules in the contracts: the kit says which of them its validator does not evaluate, such as CEL.
// A rule that is written down and not enforced is worse than none.
import { unsupportedRules } from '#kit/validation/validator.ts';
import type { CheckInput } from '../resolve-platform.ts';
import type { Problem } from '../synth-error.ts';

/** Problems with validation rules in the requests of the platform's methods. */
export function checkContractRules(input: CheckInput): Problem[] {
  return input.services.flatMap(({ manifest }) => {
    const contract = input.contractOf(manifest.name);
    return (contract?.methods ?? []).flatMap(({ requestType }) =>
      unsupportedRules(requestType, input.contracts).map((rule) => ({
        file: `proto/${contract?.file || manifest.contract}`,
        service: manifest.name,
        field: requestType,
        message: `${rule}; use the standard rules of buf.validate, or check it in the service`,
      })),
    );
  });
}
