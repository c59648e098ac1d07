// Where calls go: headers, methods, weights, rewrites, header changes, mirrors.

import type { Scenario } from '../scenario.ts';
import { destinationRule, rules, strict, to, virtualService } from './rule-texts.ts';

const instances = ['client-v1', 'server-v1', 'server-v2'];
const scenario = (name: string, http: string, steps: Scenario['steps']): Scenario => ({
  name,
  group: 'routing',
  instances,
  rules: rules(strict, destinationRule(), virtualService(http)),
  steps,
});
const call = { from: 'client', to: 'server' } as const;
const byHeader = `- match: [{ headers: { x-version: { exact: v2 } } }]\n  route: [${to('v2')}]\n- route: [${to('v1')}]`;

export const ROUTING: readonly Scenario[] = [
  scenario('a header leads to the canary', byHeader, [
    {
      call: { ...call, times: 100, headers: { 'x-version': 'v2' } },
      expect: { codes: { 0: 100 }, instances: { 'server-v2': 100 } },
    },
    { call: { ...call, times: 20, headers: { 'x-version': 'v22' } }, expect: { instances: { 'server-v1': 20 } } },
    { call: { ...call, times: 20 }, expect: { instances: { 'server-v1': 20 } } },
  ]),
  scenario(
    'a prefix and a regular expression match headers',
    `- match: [{ headers: { x-user: { prefix: 'test-' } } }, { headers: { x-user: { regex: '[0-9]+' } } }]\n  route: [${to('v2')}]\n- route: [${to('v1')}]`,
    [
      { call: { ...call, headers: { 'x-user': 'test-ann' } }, expect: { instances: { 'server-v2': 1 } } },
      { call: { ...call, headers: { 'x-user': '123' } }, expect: { instances: { 'server-v2': 1 } } },
      { call: { ...call, headers: { 'x-user': '123a' } }, expect: { instances: { 'server-v1': 1 } } },
    ],
  ),
  scenario(
    'withoutHeaders holds where the header is absent',
    `- match: [{ withoutHeaders: { x-session: {} } }]\n  route: [${to('v2')}]\n- route: [${to('v1')}]`,
    [
      { call, expect: { instances: { 'server-v2': 1 } } },
      { call: { ...call, headers: { 'x-session': 'a' } }, expect: { instances: { 'server-v1': 1 } } },
    ],
  ),
  scenario(
    'methods are matched by path',
    `- match: [{ uri: { exact: /test.v1.Echo/Other } }]\n  route: [${to('v2')}]\n- match: [{ uri: { prefix: /test.v1.Echo/ } }]\n  route: [${to('v1')}]`,
    [
      { call: { ...call, method: 'Other' }, expect: { instances: { 'server-v2': 1 } } },
      { call, expect: { instances: { 'server-v1': 1 } } },
    ],
  ),
  scenario('no route is UNIMPLEMENTED', `- match: [{ uri: { exact: /test.v1.Echo/Other } }]\n  route: [${to('v1')}]`, [
    { call, expect: { codes: { 12: 1 }, reached: { server: 0 } } },
  ]),
  scenario('weights split traffic', `- route: [${to('v1', ', weight: 90')}, ${to('v2', ', weight: 10')}]`, [
    // 100 of 1000 expected, standard deviation 9.5: five of them on either side
    {
      call: { ...call, times: 1000, atOnce: 16 },
      expect: { codes: { 0: 1000 }, instances: { 'server-v1': [850, 950], 'server-v2': [50, 150] } },
    },
  ]),
  scenario('a subset that no rule declares is UNAVAILABLE', `- route: [${to('v9')}]`, [
    { call, expect: { codes: { 14: 1 }, reached: { server: 0 } } },
  ]),
  scenario(
    'headers are set, added and removed',
    `- headers: { request: { set: { x-set: mesh }, remove: [x-gone] }, response: { set: { x-answer: mesh } } }\n  route: [${to('v1')}]`,
    [
      {
        call: { ...call, headers: { 'x-set': 'caller', 'x-gone': 'caller' } },
        expect: { headers: { 'x-set': 'mesh', 'x-gone': null }, responseHeaders: { 'x-answer': 'mesh' } },
      },
    ],
  ),
  scenario(
    'a path is rewritten',
    `- match: [{ uri: { prefix: /test.v1.Echo/Other } }]\n  rewrite: { uri: /test.v1.Echo/Nothing }\n  route: [${to('v1')}]\n- route: [${to('v1')}]`,
    [
      { call: { ...call, method: 'Other' }, expect: { codes: { 12: 1 } } },
      { call, expect: { codes: { 0: 1 } } },
    ],
  ),
  scenario('round robin takes turns', `- route: [{ destination: { host: server } }]`, [
    {
      call: { ...call, times: 40 },
      expect: { codes: { 0: 40 }, instances: { 'server-v1': [1, 39], 'server-v2': [1, 39] } },
    },
  ]),
];
