// Retries that are asked for: only what the contract calls idempotent may be sent twice.
// The default needs no check, because it is derived from the contract.
import type { CheckInput } from '../resolve-platform.ts';
import type { Problem } from '../synth-error.ts';

/** Problems with retry policies. */
export function checkRetries({ services, policies, policyFile, contractOf }: CheckInput): Problem[] {
  const problems: Problem[] = [];
  for (const { manifest } of services) {
    for (const [rpc, { retries }] of Object.entries(policies[manifest.name]?.methods ?? {})) {
      const method = contractOf(manifest.name)?.methods.find((candidate) => candidate.rpc === rpc);
      if (method === undefined || retries === undefined || retries === false || retries.attempts === 0) continue;
      const add = (message: string): void =>
        void problems.push({ file: policyFile, service: manifest.name, field: `methods.${rpc}.retries`, message });
      if (method.idempotency === 'UNKNOWN') {
        add(
          `${method.path} is not idempotent, a retry could do its work twice; ` +
            'if it is, set `idempotency_level` in the contract, else remove the retries',
        );
      }
      if (method.kind === 'clientStream' || method.kind === 'bidiStream') {
        add('a stream of requests cannot be sent again; remove the retries');
      }
      if (retries.attempts !== undefined && (retries.attempts < 0 || !Number.isInteger(retries.attempts))) {
        add(`${retries.attempts} is no number of attempts`);
      }
    }
  }
  return problems;
}
