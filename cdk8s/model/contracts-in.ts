// Contracts from a folder of one's own, for a platform that is not in this repository.
// Imports of `google/` and `buf/` are found in the platform's `proto/`.
import { ContractSource } from '#kit/contract/contract-source.ts';

/** All contracts below a folder. */
export function contractsIn(folder: string): ContractSource {
  return ContractSource.ofFolder(folder);
}
