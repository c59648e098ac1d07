// The laptop mesh for its users: the launcher starts it, tests ask its rules.

// For the launcher.
export { Mesh, type MeshWorkload } from './proxy/mesh.ts';
export type { IngressOptions, MeshEvent, MeshOptions, WorkloadSpec } from './proxy/mesh-options.ts';
export { shortfalls } from './rules/explain.ts';
export { InvalidRulesError, loadRuleSet, type RuleSet } from './rules/index.ts';
export { type RunningMesh, startMesh } from './start-mesh.ts';

// For tests of rules.
export { checkLive, type LiveTableOptions } from './testing/live-table.ts';
export {
  type Expectation,
  type MeshRow,
  type MeshTable,
  meshTable,
  type RequestRow,
  requestName,
  rowName,
} from './testing/mesh-table.ts';
