// Who may call: policies, their forms and their order.
import type { Scenario } from '../scenario.ts';
import { authorization, guarded } from './rule-texts.ts';

const scenario = guarded('authorization');
const call = { from: 'client' } as const;
const stranger = { from: 'stranger' } as const;
const ok = { codes: { 0: 1 } };
const denied = { codes: { 7: 1 }, reached: { server: 0 } };
const CLIENT = 'cluster.local/ns/NAMESPACE/sa/client';
const allow = (rules: string): string => authorization('allow', `rules: ${rules}`);
const deny = (rules: string): string => authorization('deny', `action: DENY\nrules: ${rules}`);
const source = (text: string): string => `[{ from: [{ source: { ${text} } }] }]`;
const operation = (text: string): string => `[{ to: [{ operation: { ${text} } }] }]`;
const when = (text: string): string => `[{ when: [{ ${text} }] }]`;
const OTHER = { ...call, other: true } as const;

export const SECURITY: readonly Scenario[] = [
  scenario(
    'without a policy everyone in the mesh may call',
    [],
    [
      { call, expect: ok },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'an ALLOW without rules denies everyone',
    [authorization('nobody', 'action: ALLOW')],
    [{ call, expect: denied }],
  ),
  scenario(
    'an ALLOW with an empty rule allows everyone',
    [allow('[{}]')],
    [
      { call, expect: ok },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'ALLOW by principal',
    [allow(source(`principals: ['${CLIENT}']`))],
    [
      { call, expect: ok },
      { call: stranger, expect: denied },
    ],
  ),
  scenario(
    'ALLOW by the end of a principal',
    [allow(source("principals: ['*/sa/stranger']"))],
    [
      { call, expect: denied },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'ALLOW by namespace',
    [allow(source('namespaces: [NAMESPACE]'))],
    [
      { call, expect: ok },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'ALLOW for another namespace denies this one',
    [allow(source('namespaces: [elsewhere]'))],
    [{ call, expect: denied }],
  ),
  scenario(
    'ALLOW by path',
    [allow(operation('paths: [/parity.v1.Echo/Single]'))],
    [
      { call, expect: ok },
      { call: OTHER, expect: denied },
    ],
  ),
  scenario(
    'ALLOW by the beginning of a path',
    [allow(operation('paths: [/parity.v1.Echo/S*]'))],
    [
      { call, expect: ok },
      { call: { ...call, kind: 'serverStream' }, expect: ok },
      { call: OTHER, expect: denied },
    ],
  ),
  scenario('ALLOW by HTTP method: gRPC is POST', [allow(operation('methods: [POST]'))], [{ call, expect: ok }]),
  scenario('ALLOW for GET denies gRPC', [allow(operation('methods: [GET]'))], [{ call, expect: denied }]),
  scenario(
    'ALLOW by a header',
    [allow(when("key: 'request.headers[x-tenant]', values: ['t*']"))],
    [
      { call: { ...call, headers: { 'x-tenant': 't1' } }, expect: ok },
      { call: { ...call, headers: { 'x-tenant': 'u1' } }, expect: denied },
      { call, expect: denied },
    ],
  ),
  scenario(
    'ALLOW by the absence of a header value',
    [allow(when("key: 'request.headers[x-tenant]', notValues: [blocked]"))],
    [
      { call: { ...call, headers: { 'x-tenant': 't1' } }, expect: ok },
      { call: { ...call, headers: { 'x-tenant': 'blocked' } }, expect: denied },
      { call, expect: ok },
    ],
  ),
  scenario(
    'ALLOW by notPrincipals',
    [allow(source(`notPrincipals: ['${CLIENT}']`))],
    [
      { call, expect: denied },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'ALLOW by notPaths',
    [allow(operation('notPaths: [/parity.v1.Echo/Other]'))],
    [
      { call, expect: ok },
      { call: OTHER, expect: denied },
    ],
  ),
  scenario(
    'from, to and when of one rule must all hold',
    [
      allow(
        `[{ from: [{ source: { principals: ['${CLIENT}'] } }], to: [{ operation: { paths: [/parity.v1.Echo/Single] } }], when: [{ key: 'request.headers[x-a]', values: ['1'] }] }]`,
      ),
    ],
    [
      { call: { ...call, headers: { 'x-a': '1' } }, expect: ok },
      { call: { ...OTHER, headers: { 'x-a': '1' } }, expect: denied },
      { call, expect: denied },
      { call: { ...stranger, headers: { 'x-a': '1' } }, expect: denied },
    ],
  ),
  scenario(
    'of two rules either is enough',
    [
      allow(
        `[{ from: [{ source: { principals: ['${CLIENT}'] } }] }, { to: [{ operation: { paths: [/parity.v1.Echo/Other] } }] }]`,
      ),
    ],
    [
      { call, expect: ok },
      { call: stranger, expect: denied },
      { call: { ...stranger, other: true }, expect: ok },
    ],
  ),
  scenario(
    'DENY by path, without an ALLOW the rest passes',
    [deny(operation('paths: [/parity.v1.Echo/Other]'))],
    [
      { call, expect: ok },
      { call: OTHER, expect: denied },
    ],
  ),
  scenario(
    'DENY comes before ALLOW',
    [allow('[{}]'), deny(source(`principals: ['${CLIENT}']`))],
    [
      { call, expect: denied },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'DENY of all but one caller',
    [deny(source(`notPrincipals: ['${CLIENT}']`))],
    [
      { call, expect: ok },
      { call: stranger, expect: denied },
    ],
  ),
  scenario(
    'a port that no call comes to',
    [deny(operation("ports: ['50052']")), allow(operation("ports: ['50051']"))],
    [{ call, expect: ok }],
  ),
  scenario(
    'ALLOW by host',
    [allow(operation("hosts: ['SERVER.NAMESPACE.svc.cluster.local:50051']"))],
    [{ call, expect: ok }],
  ),
  scenario('ALLOW by notHosts', [allow(operation("notHosts: ['SERVER.*']"))], [{ call, expect: denied }]),
  scenario('ALLOW by notNamespaces', [allow(source('notNamespaces: [NAMESPACE]'))], [{ call, expect: denied }]),
  scenario('ALLOW by notMethods', [allow(operation('notMethods: [POST]'))], [{ call, expect: denied }]),
  scenario(
    'ALLOW by the presence of a header',
    [allow(when("key: 'request.headers[x-tenant]', values: ['*']"))],
    [
      { call: { ...call, headers: { 'x-tenant': 'any' } }, expect: ok },
      { call, expect: denied },
    ],
  ),
  scenario(
    'principal and port as conditions',
    [
      allow(
        `[{ when: [{ key: source.principal, values: ['${CLIENT}'] }, { key: destination.port, values: ['50051'] }] }]`,
      ),
    ],
    [
      { call, expect: ok },
      { call: stranger, expect: denied },
    ],
  ),
  scenario('AUDIT changes nothing', [authorization('audit', 'action: AUDIT\nrules: [{}]')], [{ call, expect: ok }]),
  scenario(
    'policies for one workload add up',
    [
      authorization('one', `rules: ${source(`principals: ['${CLIENT}']`)}`),
      authorization('two', `rules: ${source("principals: ['*/sa/stranger']")}`),
    ],
    [
      { call, expect: ok },
      { call: stranger, expect: ok },
    ],
  ),
];
