// Who may call: identities, policies, their forms and their order.

import type { Scenario } from '../scenario.ts';
import { authorization, rules, strict } from './rule-texts.ts';

const scenario = (name: string, texts: readonly string[], steps: Scenario['steps']): Scenario => ({
  name,
  group: 'security',
  instances: ['client-v1', 'stranger-v1', 'server-v1'],
  rules: rules(strict, ...texts),
  steps,
});
const call = { from: 'client', to: 'server' } as const;
const stranger = { from: 'stranger', to: 'server' } as const;
const ok = { codes: { 0: 1 } };
const denied = { codes: { 7: 1 }, reached: { server: 0 } };
const CLIENT = 'cluster.local/ns/NAMESPACE/sa/client';

export const SECURITY: readonly Scenario[] = [
  scenario(
    'without a policy everyone may call',
    [],
    [
      { call, expect: ok },
      { call: stranger, expect: ok },
    ],
  ),
  scenario(
    'an empty ALLOW denies everyone',
    [authorization('nobody', '{}').replace('  {}', '')],
    [{ call, expect: denied }],
  ),
  scenario(
    'ALLOW by principal',
    [authorization('allow', `rules: [{ from: [{ source: { principals: ['${CLIENT}'] } }] }]`)],
    [
      { call, expect: ok },
      { call: stranger, expect: denied },
    ],
  ),
  scenario(
    'ALLOW by namespace',
    [authorization('allow', 'rules: [{ from: [{ source: { namespaces: [NAMESPACE] } }] }]')],
    [{ call: stranger, expect: ok }],
  ),
  scenario(
    'ALLOW by path',
    [authorization('allow', 'rules: [{ to: [{ operation: { paths: [/test.v1.Echo/Unary] } }] }]')],
    [
      { call, expect: ok },
      { call: { ...call, method: 'Other' }, expect: denied },
    ],
  ),
  scenario(
    'ALLOW by header',
    [authorization('allow', "rules: [{ when: [{ key: 'request.headers[x-tenant]', values: ['t*'] }] }]")],
    [
      { call: { ...call, headers: { 'x-tenant': 't1' } }, expect: ok },
      { call, expect: denied },
    ],
  ),
  scenario(
    'notPrincipals and notPaths',
    [
      authorization(
        'allow',
        `rules: [{ from: [{ source: { notPrincipals: ['${CLIENT}'] } }], to: [{ operation: { notPaths: [/test.v1.Echo/Other] } }] }]`,
      ),
    ],
    [
      { call, expect: denied },
      { call: stranger, expect: ok },
      { call: { ...stranger, method: 'Other' }, expect: denied },
    ],
  ),
  scenario(
    'DENY comes before ALLOW',
    [
      authorization('allow', 'rules: [{}]'),
      authorization('deny', 'action: DENY\nrules: [{ to: [{ operation: { paths: [/test.v1.Echo/Other] } }] }]'),
    ],
    [
      { call, expect: ok },
      { call: { ...call, method: 'Other' }, expect: denied },
    ],
  ),
];
