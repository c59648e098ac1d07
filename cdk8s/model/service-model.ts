// A service after derivation: every default filled in, every method with its timeout and retries, callers known.
// Constructs read this and nothing else, so that what is derived is derived in one place.
import type { Duration } from 'cdk8s';
import type { Contract, ContractMethod } from '#kit/contract/contract.ts';
import type { Manifest } from './manifest.ts';
import type { RetryCondition, ServicePolicy } from './policy.ts';

/** Retries of one method, all settled. */
export interface Retries {
  /** 0: never. */
  readonly attempts: number;
  /** Absent for streams. */
  readonly perTryTimeout?: Duration;
  readonly on: readonly RetryCondition[];
}

/** One method in the mesh. */
export interface MethodModel {
  readonly contract: ContractMethod;
  readonly rpc: string;
  /** `/fairlead.payment.v1.PaymentService/Charge` */
  readonly path: string;
  readonly streaming: boolean;
  readonly idempotent: boolean;
  /** Absent for streams: they last as long as they last. */
  readonly timeout?: Duration;
  readonly retries: Retries;
  /** `payment/Charge` of the calls that the timeout covers one after another; absent: the longest declared call. */
  readonly covers?: readonly string[];
}

/** An edge of the call graph. */
export interface CallModel {
  readonly from: string;
  /** The caller answers requests from outside, and may ask for health too. */
  readonly fromEdge: boolean;
  readonly to: string;
  readonly methods: readonly MethodModel[];
}

/** One service in the mesh. */
export interface ServiceModel {
  readonly name: string;
  readonly file: string;
  readonly manifest: Manifest;
  readonly policy: ServicePolicy;
  readonly contract?: Contract;
  readonly methods: readonly MethodModel[];
  /** The version that is always deployed. */
  readonly stable: string;
  /** The version beside it, deployed while the canary is enabled. */
  readonly canary: string;
  readonly canaryEnabled: boolean;
  /** Percent of calls to the canary. */
  readonly canaryWeight: number;
  readonly calls: readonly CallModel[];
  readonly callers: readonly CallModel[];
  /** Whether requests from outside the cluster reach it. */
  readonly edge: boolean;
}

/** The whole platform. */
export interface PlatformModel {
  readonly name: string;
  readonly services: readonly ServiceModel[];
}
