// The conformance suite's contracts, loaded from the suite's own module with the kit's contract source, and its pipes.
// Names stand in the module; nothing of it is kept in this repository.
import { join } from 'node:path';
import { codecIn } from '#kit/contract/codec.ts';
import { type Contract, loadContract } from '#kit/contract/contract.ts';
import { ContractSource } from '#kit/contract/contract-source.ts';
import type { Code } from '#kit/errors/rpc-error.ts';
import { codes } from '#kit/errors/rpc-error.ts';
import { goModule } from '../../transport/tools.ts';

export { any, type Field, flat, grouped, readMessages, writeMessage } from '../../transport/conformance/schema.ts';

/** A message of the suite: its contracts have no generated types. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Loose = any;

const folder = goModule('connectrpc.com/conformance', 'v1.0.6') ?? '';
const source = ContractSource.ofFolder(join(folder, 'proto'));

/** The service that the suite calls, or has called. */
export const contract: Contract = loadContract('connectrpc.conformance.v1.ConformanceService', source);

const named = (name: string) => codecIn(source, `connectrpc.conformance.v1.${name}`);

/** A message of the suite as octets. */
export function encode(name: string, message: object): Buffer {
  return named(name).encode(message as never);
}

/** Octets as a message of the suite. */
export function decode(name: string, bytes: Uint8Array): Loose {
  return named(name).decode(bytes);
}

const codeNames = new Map<number, Code>(Object.entries(codes).map(([name, number]) => [number, name as Code]));

/** The kit's name of a code of the suite, which has the canonical ones with a prefix. */
export function codeOf(name: string): Code {
  const bare = name.replace(/^CODE_/, '').replace('CANCELED', 'CANCELLED');
  return bare in codes ? (bare as Code) : 'UNKNOWN';
}

/** The suite's name of a code. */
export function suiteCode(code: Code | number): string {
  const name = typeof code === 'number' ? (codeNames.get(code) ?? 'UNKNOWN') : code;
  return `CODE_${name.replace('CANCELLED', 'CANCELED')}`;
}
