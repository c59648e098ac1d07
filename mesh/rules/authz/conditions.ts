// Each condition of an authorization rule as one test. Lists are OR, fields are AND, not-forms hold when nothing matches.
// An attribute that a call does not have never matches, and so satisfies every not-form, as in Istio.

import type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationRule,
  AuthorizationSource,
} from '../read/kinds/security.ts';
import { compileBlocks } from './cidr.ts';
import { anyOf, compilePathPattern, compilePattern, type ValueTest } from './patterns.ts';
import type { AuthorizationRequest } from './request.ts';

export type RequestTest = (request: AuthorizationRequest) => boolean;

type Attribute = (request: AuthorizationRequest) => string | readonly string[] | undefined;

function holds(attribute: Attribute, test: ValueTest): RequestTest {
  return (request) => {
    const value = attribute(request);
    if (value === undefined) return false;
    return typeof value === 'string' ? test(value) : value.some(test);
  };
}

const not =
  (test: RequestTest): RequestTest =>
  (request) =>
    !test(request);

class Tests {
  readonly all: RequestTest[] = [];

  add(
    attribute: Attribute,
    wanted: readonly string[] | undefined,
    unwanted: readonly string[] | undefined,
    compile?: (pattern: string) => ValueTest,
  ): void {
    if (wanted !== undefined) this.all.push(holds(attribute, anyOf(wanted, compile)));
    if (unwanted !== undefined) this.all.push(not(holds(attribute, anyOf(unwanted, compile))));
  }

  addBlocks(
    attribute: Attribute,
    wanted: readonly string[] | undefined,
    unwanted: readonly string[] | undefined,
  ): void {
    const never: ValueTest = () => false;
    const always: ValueTest = () => true;
    if (wanted !== undefined) this.all.push(holds(attribute, compileBlocks(wanted) ?? never));
    if (unwanted !== undefined) this.all.push(not(holds(attribute, compileBlocks(unwanted) ?? always)));
  }
}

/** `sa` is of the policy's namespace, `ns/sa` of another. */
const serviceAccountPattern = (namespace: string) => (pattern: string) =>
  compilePattern(pattern.includes('/') ? pattern : `${namespace}/${pattern}`);

const peerAccount: Attribute = ({ peer }) =>
  peer === undefined ? undefined : `${peer.namespace}/${peer.serviceAccount}`;

function sourceTests(source: AuthorizationSource, namespace: string): readonly RequestTest[] {
  const tests = new Tests();
  tests.add((request) => request.peer?.principal, source.principals, source.notPrincipals);
  tests.add((request) => request.token?.principal, source.requestPrincipals, source.notRequestPrincipals);
  tests.add((request) => request.peer?.namespace, source.namespaces, source.notNamespaces);
  tests.add(peerAccount, source.serviceAccounts, source.notServiceAccounts, serviceAccountPattern(namespace));
  tests.addBlocks((request) => request.sourceIp, source.ipBlocks, source.notIpBlocks);
  tests.addBlocks((request) => request.remoteIp, source.remoteIpBlocks, source.notRemoteIpBlocks);
  return tests.all;
}

function operationTests(operation: AuthorizationOperation): readonly RequestTest[] {
  const tests = new Tests();
  tests.add(
    (request) => request.host,
    operation.hosts,
    operation.notHosts,
    (pattern) => compilePattern(pattern, true),
  );
  tests.add((request) => String(request.port), operation.ports, operation.notPorts);
  tests.add((request) => request.method, operation.methods, operation.notMethods);
  tests.add((request) => request.path, operation.paths, operation.notPaths, compilePathPattern);
  return tests.all;
}

function conditionTests(condition: AuthorizationCondition, namespace: string): readonly RequestTest[] {
  const tests = new Tests();
  const { key, values, notValues } = condition;
  if (key === 'source.ip' || key === 'remote.ip' || key === 'destination.ip') {
    const ip: Attribute = (request) =>
      key === 'source.ip' ? request.sourceIp : key === 'remote.ip' ? request.remoteIp : '127.0.0.1';
    tests.addBlocks(ip, values, notValues);
  } else if (key === 'source.serviceAccount')
    tests.add(peerAccount, values, notValues, serviceAccountPattern(namespace));
  else tests.add(attributeOf(key), values, notValues);
  return tests.all;
}

function attributeOf(key: string): Attribute {
  switch (key) {
    case 'source.namespace':
      return (request) => request.peer?.namespace;
    case 'source.principal':
      return (request) => request.peer?.principal;
    case 'request.auth.principal':
      return (request) => request.token?.principal;
    case 'request.auth.audiences':
      return (request) => request.token?.audiences;
    case 'request.auth.presenter':
      return (request) => request.token?.presenter;
    case 'destination.port':
      return (request) => String(request.port);
    case 'connection.sni':
      return (request) => request.sni;
    default: {
      const path = [...key.matchAll(/\[([^\]]+)\]/g)].map((match) => match[1] ?? '');
      if (key.startsWith('request.headers')) return (request) => request.headers.get((path[0] ?? '').toLowerCase());
      return (request) => claim(request.token?.claims, path);
    }
  }
}

/** A claim that is text or a list of texts; anything else cannot be matched (Istio's documentation says the same). */
function claim(claims: unknown, path: readonly string[]): string | readonly string[] | undefined {
  let value: unknown = claims;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}

/** A rule: one of `from`, and one of `to`, and all of `when`. An empty rule matches every call. */
export function compileRule(rule: AuthorizationRule, namespace: string): RequestTest {
  const every =
    (tests: readonly RequestTest[]): RequestTest =>
    (request) =>
      tests.every((test) => test(request));
  const some =
    (tests: readonly RequestTest[]): RequestTest =>
    (request) =>
      tests.some((test) => test(request));
  const parts: RequestTest[] = [];
  if (rule.from !== undefined && rule.from.length > 0)
    parts.push(some(rule.from.map((each) => every(sourceTests(each.source, namespace)))));
  if (rule.to !== undefined && rule.to.length > 0)
    parts.push(some(rule.to.map((each) => every(operationTests(each.operation)))));
  for (const condition of rule.when ?? []) parts.push(...conditionTests(condition, namespace));
  return every(parts);
}
