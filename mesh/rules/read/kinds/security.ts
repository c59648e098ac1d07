// Istio's PeerAuthentication, AuthorizationPolicy and RequestAuthentication (security.istio.io/v1), field by field.
// Anything that could weaken a policy when left out is an error rather than a note: a policy must not fail open.

import { anything, duration, flag, oneOf, text } from '../scalars.ts';
import { approximated, checked, list, mapOf, notApplied, object, required, type ValueOf } from '../shape.ts';

const selector = object({ matchLabels: mapOf(text) });
const NO_WAYPOINT = 'targetRefs attach to waypoints and Gateway API objects, which the laptop mesh does not have';
const mode = oneOf('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT');

export const peerAuthentication = checked(
  object({ selector, mtls: object({ mode }), portLevelMtls: mapOf(object({ mode })) }),
  (policy) =>
    policy.portLevelMtls !== undefined && (policy.selector?.matchLabels?.size ?? 0) === 0
      ? 'portLevelMtls needs a selector, as in Istio'
      : undefined,
);

export type PeerAuthentication = ValueOf<typeof peerAuthentication>;
export type MtlsMode = ValueOf<typeof mode>;

const texts = checked(list(text), (values) => (values.length === 0 ? 'must not be empty' : undefined));

const source = checked(
  object({
    principals: texts,
    notPrincipals: texts,
    requestPrincipals: texts,
    notRequestPrincipals: texts,
    namespaces: texts,
    notNamespaces: texts,
    serviceAccounts: texts,
    notServiceAccounts: texts,
    ipBlocks: texts,
    notIpBlocks: texts,
    remoteIpBlocks: texts,
    notRemoteIpBlocks: texts,
  }),
  (value) => (Object.keys(value).length === 0 ? 'must not be empty: Istio refuses a source without fields' : undefined),
);

export type AuthorizationSource = ValueOf<typeof source>;

const operation = checked(
  object({
    hosts: texts,
    notHosts: texts,
    ports: texts,
    notPorts: texts,
    methods: texts,
    notMethods: texts,
    paths: texts,
    notPaths: texts,
  }),
  (value) =>
    Object.keys(value).length === 0 ? 'must not be empty: Istio refuses an operation without fields' : undefined,
);

export type AuthorizationOperation = ValueOf<typeof operation>;

const CONDITION_KEYS =
  /^(request\.headers\[[^\]]+\]|source\.ip|remote\.ip|source\.namespace|source\.serviceAccount|source\.principal|request\.auth\.(principal|audiences|presenter|claims(\[[^\]]+\])+)|destination\.ip|destination\.port|connection\.sni)$/;

const condition = checked(object({ key: required(text), values: texts, notValues: texts }), (value) => {
  if (!CONDITION_KEYS.test(value.key)) return `unknown key ${JSON.stringify(value.key)}`;
  return value.values === undefined && value.notValues === undefined ? 'needs values or notValues' : undefined;
});

export type AuthorizationCondition = ValueOf<typeof condition>;

const rule = object({
  from: list(object({ source: required(source) })),
  to: list(object({ operation: required(operation) })),
  when: list(condition),
});

export type AuthorizationRule = ValueOf<typeof rule>;

export const authorizationPolicy = checked(
  object({
    selector,
    targetRef: notApplied(anything, NO_WAYPOINT),
    targetRefs: notApplied(anything, NO_WAYPOINT),
    rules: list(rule),
    action: oneOf('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
    provider: notApplied(anything, 'CUSTOM policies ask an external service, which the laptop mesh does not'),
  }),
  (policy) => (policy.action === 'DENY' && policy.rules === undefined ? 'a DENY policy needs rules' : undefined),
);

export type AuthorizationPolicy = ValueOf<typeof authorizationPolicy>;

const jwtRule = object({
  issuer: required(text),
  audiences: list(text),
  jwksUri: approximated(
    text,
    'fetched by the control plane from this machine; a name inside the cluster must be one that the mesh knows',
  ),
  jwks_uri: notApplied(text, 'the old spelling: write jwksUri'),
  jwks: text,
  fromHeaders: list(object({ name: required(text), prefix: text })),
  fromParams: list(text),
  fromCookies: list(text),
  outputPayloadToHeader: text,
  forwardOriginalToken: flag,
  outputClaimToHeaders: list(object({ header: required(text), claim: required(text) })),
  timeout: approximated(duration, 'the control plane waits 5 s for keys, and asks again'),
  spaceDelimitedClaims: list(text),
});

export type JwtRule = ValueOf<typeof jwtRule>;

export const requestAuthentication = object({
  selector,
  targetRef: notApplied(anything, NO_WAYPOINT),
  targetRefs: notApplied(anything, NO_WAYPOINT),
  jwtRules: list(jwtRule),
});

export type RequestAuthentication = ValueOf<typeof requestAuthentication>;
