// The rule engine's public surface: Istio objects in, decisions out, no I/O.

// For the proxy.
export { authorize, type CompiledAuthorization, compileAuthorization } from './authz/authorize.ts';
export { normalizePath } from './authz/path-normalization.ts';
export { peerRequirement } from './authz/peer-authentication.ts';
export { type Peer, peerFromSpiffe, spiffeId, type VerifiedToken } from './authz/request.ts';
export { findToken, inlineKeys, jwtRulesFor, type TokenResult, verifyToken } from './authz/request-authentication.ts';
export { type Balancer, createBalancer } from './balance/balancer.ts';
export { Circuit } from './balance/circuit.ts';
export { GRPC_STATUS, grpcStatusName, grpcToHttpStatus, httpToGrpcStatus } from './grpc-status.ts';
export type { BalancerPolicy } from './model/cluster-policy.ts';
export { findService, type RegistryService, type Workload } from './model/registry.ts';
// For people who ask and test: manifests in, answers out.
export {
  buildRuleSet,
  type DeclaredWorkload,
  loadRuleSet,
  type RuleSet,
  type RuleSetResult,
} from './model/rule-set.ts';
export { OutlierDetector, selectable } from './outlier/outlier-detector.ts';
export { UnknownNameError } from './predict/find-workload.ts';
export type { DestinationAnswer, Prediction } from './predict/follow.ts';
export { type CallQuestion, predict } from './predict/predict.ts';
export { predictRequest, type RequestQuestion } from './predict/predict-request.ts';
export type { ManifestFile } from './read/documents.ts';
export { type Coverage, formatProblem, InvalidRulesError, type Problem } from './read/problem.ts';
export { formatPosition } from './read/source-position.ts';
export { belongsTo, type Cluster } from './routing/cluster.ts';
export {
  type Decision,
  decide,
  decideAt,
  type Forward,
  type LocalReply,
  localReply,
  randomDraw,
} from './routing/decide.ts';
export { gatewayPort } from './routing/gateway-port.ts';
export { type CallView, type HeaderView, parseAuthority } from './routing/match/call.ts';
export { cookieValue } from './routing/match/cookie.ts';
export { queryParameter } from './routing/match/match.ts';
export { type HostLookup, Outbound } from './routing/outbound.ts';
export { applyHeaderChanges, type HeaderList } from './routing/treatment/header-operations.ts';
export { type AttemptOutcome, backoffMs, isRetriable, type RetryPolicy } from './routing/treatment/retry-policy.ts';
export { formatGrpcTimeout } from './routing/treatment/timeout.ts';
