// The source of contracts that a platform reads: its own folder, or the platform's `proto/`.
// Apart, so that checks need not know which default the kit has.
import { type ContractSource, platformContracts } from '#kit/contract/contract-source.ts';

/** The given source, or the platform's. */
export function contractSourceOf(source: ContractSource | undefined): ContractSource {
  return source ?? platformContracts;
}
