// What a platform of one's own is declared with: a platform, policies with units, and where to write it.
// Everything else in this room is how it is done, and may change.
export { Duration, Size } from 'cdk8s';
export { MeshPlatform, type MeshPlatformProps } from './constructs/mesh-platform.ts';
export type { IdentityEndpoint } from './constructs/workload/environment.ts';
export { contractsIn } from './model/contracts-in.ts';
export type { Manifest, ManifestSource } from './model/manifest.ts';
export type {
  AutoscalingPolicy,
  CanaryPolicy,
  ConnectionPoolPolicy,
  HeaderRoute,
  MethodPolicy,
  ObjectivePolicy,
  OutlierPolicy,
  ResourcePolicy,
  RetryPolicy,
  ServicePolicy,
} from './model/policy.ts';
export { type Problem, SynthError } from './model/synth-error.ts';
export { writePlatform } from './output/write-platform.ts';
