// Is a call let in? In Istio's order: CUSTOM (refused here), then DENY, then ALLOW; AUDIT only notes.
// Source: Istio concepts/security, "Implicit enablement" and "Rule evaluation"; empty ALLOW policies deny.

import { labelsMatch } from '../model/host-name.ts';
import type { Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { ManifestObject } from '../read/documents.ts';
import { positionOf, type SourcePosition } from '../read/source-position.ts';
import { compileRule, type RequestTest } from './conditions.ts';
import type { AuthorizationRequest } from './request.ts';

export interface AuthorizationVerdict {
  readonly allowed: boolean;
  /** The policy that decided, as `namespace/name`, or why none did. */
  readonly because: string;
  readonly position?: SourcePosition;
  /** AUDIT policies that matched, as `namespace/name`. */
  readonly audited: readonly string[];
}

interface CompiledPolicy {
  readonly name: string;
  readonly rules: readonly { readonly test: RequestTest; readonly position: SourcePosition | undefined }[];
}

export interface CompiledAuthorization {
  readonly custom: readonly CompiledPolicy[];
  readonly deny: readonly CompiledPolicy[];
  readonly allow: readonly CompiledPolicy[];
  readonly audit: readonly CompiledPolicy[];
  /** Some rule looks at a header of the request: then calls that are alike otherwise may be judged differently. */
  readonly readsHeaders: boolean;
}

/** Does an object with this selector apply to the workload? Those of the root namespace apply everywhere. */
export function selects(
  rules: RuleSet,
  object: { readonly namespace: string },
  matchLabels: ReadonlyMap<string, string> | undefined,
  workload: Workload,
): boolean {
  const near = object.namespace === workload.namespace || object.namespace === rules.mesh.rootNamespace;
  return near && labelsMatch(matchLabels, workload.labels);
}

export function compileAuthorization(rules: RuleSet, workload: Workload): CompiledAuthorization {
  const policies = rules
    .objects('AuthorizationPolicy')
    // targetRefs attach a policy to something that is not here; its selector is then empty and must not select everything.
    .filter((each) => each.spec.targetRef === undefined && each.spec.targetRefs === undefined)
    .filter((each) => selects(rules, each, each.spec.selector?.matchLabels, workload));
  const of = (action: string): CompiledPolicy[] =>
    policies.filter((each) => (each.spec.action ?? 'ALLOW') === action).map(compilePolicy);
  const readsHeaders = policies.some((each) =>
    each.spec.rules?.some((rule) => rule.when?.some(({ key }) => key.startsWith('request.headers'))),
  );
  return { custom: of('CUSTOM'), deny: of('DENY'), allow: of('ALLOW'), audit: of('AUDIT'), readsHeaders };
}

function compilePolicy(object: ManifestObject<'AuthorizationPolicy'>): CompiledPolicy {
  return {
    name: `${object.namespace}/${object.name}`,
    rules: (object.spec.rules ?? []).map((rule) => ({
      test: compileRule(rule, object.namespace),
      position: positionOf(rule),
    })),
  };
}

interface Match {
  readonly name: string;
  readonly position: SourcePosition | undefined;
}

function firstMatch(policies: readonly CompiledPolicy[], request: AuthorizationRequest): Match | undefined {
  for (const policy of policies)
    for (const rule of policy.rules) if (rule.test(request)) return { name: policy.name, position: rule.position };
  return undefined;
}

export function authorize(compiled: CompiledAuthorization, request: AuthorizationRequest): AuthorizationVerdict {
  const audited = compiled.audit
    .filter((policy) => policy.rules.some((rule) => rule.test(request)))
    .map((each) => each.name);
  const verdict = (allowed: boolean, because: string, position?: SourcePosition): AuthorizationVerdict => ({
    allowed,
    because,
    audited,
    ...(position === undefined ? {} : { position }),
  });
  const custom = firstMatch(compiled.custom, request);
  if (custom !== undefined)
    return verdict(false, `CUSTOM policy ${custom.name} asks a service that is not here`, custom.position);
  const denied = firstMatch(compiled.deny, request);
  if (denied !== undefined) return verdict(false, `DENY policy ${denied.name}`, denied.position);
  if (compiled.allow.length === 0) return verdict(true, 'no ALLOW policy selects the workload');
  const allowed = firstMatch(compiled.allow, request);
  if (allowed !== undefined) return verdict(true, `ALLOW policy ${allowed.name}`, allowed.position);
  return verdict(
    false,
    `no rule of the ALLOW policies matches (${compiled.allow.map((each) => each.name).join(', ')})`,
  );
}
