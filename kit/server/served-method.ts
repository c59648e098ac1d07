// One method as a server runs it: the contract's method joined with handler, limits and compiled rules.
// Everything that can be worked out once is worked out here, at start.
import type { ContractMethod } from '../contract/contract.ts';
import type { FieldViolation } from '../errors/rpc-error.ts';
import type { MethodLimits } from '../manifest.ts';
import { maxDurationMs, maxRequestBytes } from './limits.ts';

/** A handler of any kind; the types of `shapes.ts` have checked it against its contract. */
export type AnyHandler = (request: never, context: never) => unknown;

/** Finds what is wrong with a request; undefined when nothing is. */
export type Validate = (message: object) => readonly FieldViolation[] | undefined;

/** A method that a server serves. */
export interface ServedMethod {
  readonly contract: ContractMethod;
  readonly handler: (request: unknown, context: unknown) => unknown;
  readonly validate: Validate | undefined;
  readonly maxRequestBytes: number;
  readonly maxDurationMs: number;
  /** What telemetry calls the method. */
  readonly labels: { readonly service: string; readonly rpc: string; readonly kind: ContractMethod['kind'] };
  /** False for health checks and reflection, which come from tools and would drown what users do. */
  readonly recorded: boolean;
}

/** Options of {@link serveMethod}. */
export interface ServeOptions {
  readonly limits?: MethodLimits | undefined;
  readonly validate?: Validate | undefined;
  /** @default true */
  readonly recorded?: boolean;
}

/** Joins a contract's method with its handler. */
export function serveMethod(
  contract: ContractMethod,
  handler: AnyHandler,
  { limits, validate, recorded = true }: ServeOptions = {},
): ServedMethod {
  return {
    contract,
    handler: handler as ServedMethod['handler'],
    validate,
    maxRequestBytes: maxRequestBytes(limits),
    maxDurationMs: maxDurationMs(contract.kind, limits),
    labels: { service: contract.service, rpc: contract.rpc, kind: contract.kind },
    recorded,
  };
}
