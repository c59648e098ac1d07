// Where calls go: headers, methods, callers, order of rules, rewrites.
import type { Scenario } from '../scenario.ts';
import { to, traffic } from './rule-texts.ts';

const scenario = traffic('routing');
const call = { from: 'client' } as const;
const v1 = { instances: { 'server-v1': 1 } };
const v2 = { instances: { 'server-v2': 1 } };
const both = (match: string): string => `- match: ${match}\n  route: [${to('v2')}]\n- route: [${to('v1')}]`;

export const ROUTING: readonly Scenario[] = [
  scenario('a header leads to the canary', both('[{ headers: { x-version: { exact: v2 } } }]'), [
    {
      call: { ...call, times: 100, headers: { 'x-version': 'v2' } },
      expect: { codes: { 0: 100 }, instances: { 'server-v2': 100 } },
    },
    { call: { ...call, times: 20, headers: { 'x-version': 'v22' } }, expect: { instances: { 'server-v1': 20 } } },
    { call: { ...call, times: 20 }, expect: { instances: { 'server-v1': 20 } } },
  ]),
  scenario('a header is matched by prefix', both("[{ headers: { x-user: { prefix: 'test-' } } }]"), [
    { call: { ...call, headers: { 'x-user': 'test-ann' } }, expect: v2 },
    { call: { ...call, headers: { 'x-user': 'a-test-ann' } }, expect: v1 },
    { call: { ...call, headers: { 'x-user': 'Test-ann' } }, expect: v1 },
  ]),
  scenario(
    'a header is matched by a regular expression, as a whole',
    both("[{ headers: { x-user: { regex: '[0-9]+' } } }]"),
    [
      { call: { ...call, headers: { 'x-user': '123' } }, expect: v2 },
      { call: { ...call, headers: { 'x-user': '123a' } }, expect: v1 },
    ],
  ),
  scenario(
    'two conditions of one match must both hold',
    both('[{ headers: { x-a: { exact: "1" }, x-b: { exact: "2" } } }]'),
    [
      { call: { ...call, headers: { 'x-a': '1', 'x-b': '2' } }, expect: v2 },
      { call: { ...call, headers: { 'x-a': '1' } }, expect: v1 },
    ],
  ),
  scenario(
    'of two matches either is enough',
    both('[{ headers: { x-a: { exact: "1" } } }, { headers: { x-b: { exact: "2" } } }]'),
    [
      { call: { ...call, headers: { 'x-a': '1' } }, expect: v2 },
      { call: { ...call, headers: { 'x-b': '2' } }, expect: v2 },
      { call, expect: v1 },
    ],
  ),
  scenario('an empty header condition asks for presence', both('[{ headers: { x-session: {} } }]'), [
    { call: { ...call, headers: { 'x-session': 'a' } }, expect: v2 },
    { call, expect: v1 },
  ]),
  scenario(
    'withoutHeaders holds where the value is another',
    both('[{ withoutHeaders: { x-session: { exact: old } } }]'),
    [
      { call, expect: v2 },
      { call: { ...call, headers: { 'x-session': 'new' } }, expect: v2 },
      { call: { ...call, headers: { 'x-session': 'old' } }, expect: v1 },
    ],
  ),
  scenario('withoutHeaders with an empty condition asks for absence', both('[{ withoutHeaders: { x-session: {} } }]'), [
    { call, expect: v2 },
    { call: { ...call, headers: { 'x-session': 'a' } }, expect: v1 },
  ]),
  scenario(
    'methods are matched by exact path and by prefix',
    `- match: [{ uri: { exact: /parity.v1.Echo/Other } }]\n  route: [${to('v2')}]\n- match: [{ uri: { prefix: /parity.v1.Echo/ } }]\n  route: [${to('v1')}]`,
    [
      { call: { ...call, other: true }, expect: v2 },
      { call, expect: v1 },
    ],
  ),
  scenario(
    'methods are matched by a regular expression',
    both("[{ uri: { regex: '/parity[.]v1[.][A-Z][a-z]+/O.*' } }]"),
    [
      { call: { ...call, other: true }, expect: v2 },
      { call, expect: v1 },
    ],
  ),
  scenario('a caller is known by its labels', both('[{ sourceLabels: { app: stranger } }]'), [
    { call: { from: 'stranger' }, expect: v2 },
    { call, expect: v1 },
  ]),
  scenario(
    'the first match wins',
    `- match: [{ headers: { x-a: {} } }]\n  route: [${to('v2')}]\n- match: [{ headers: { x-a: { exact: "1" } } }]\n  route: [${to('v1')}]\n- route: [${to('v1')}]`,
    [{ call: { ...call, headers: { 'x-a': '1' } }, expect: v2 }],
  ),
  scenario(
    'a call that no route takes is UNIMPLEMENTED',
    `- match: [{ uri: { exact: /parity.v1.Echo/Other } }]\n  route: [${to('v1')}]`,
    [
      { call, expect: { codes: { 12: 1 }, reached: { server: 0 } } },
      { call: { ...call, other: true }, expect: { codes: { 0: 1 } } },
    ],
  ),
  scenario('a subset that no rule declares is UNAVAILABLE', `- route: [${to('v9')}]`, [
    { call, expect: { codes: { 14: 1 }, reached: { server: 0 } } },
  ]),
  scenario(
    'a path is rewritten',
    `- match: [{ uri: { exact: /parity.v1.Echo/Other } }]\n  rewrite: { uri: /parity.v1.Echo/Nothing }\n  route: [${to('v1')}]\n- route: [${to('v1')}]`,
    [
      { call: { ...call, other: true }, expect: { codes: { 12: 1 }, reached: { server: 0 } } },
      { call, expect: { codes: { 0: 1 } } },
    ],
  ),
  scenario('an HTTP method is matched: gRPC is POST', both('[{ method: { exact: POST } }]'), [{ call, expect: v2 }]),
  scenario('a port is matched', both('[{ port: 50051 }]'), [{ call, expect: v2 }]),
  scenario('another port is not', both('[{ port: 50052 }]'), [{ call, expect: v1 }]),
  scenario('an authority is matched', both("[{ authority: { prefix: 'SERVER.' } }]"), [{ call, expect: v2 }]),
  scenario('a path without regard to case', both('[{ ignoreUriCase: true, uri: { exact: /PARITY.v1.echo/other } }]'), [
    { call: { ...call, other: true }, expect: v2 },
    { call, expect: v1 },
  ]),
  scenario('an answer of the mesh itself', `- directResponse: { status: 403 }`, [
    { call, expect: { codes: { 7: 1 }, reached: { server: 0 } } },
  ]),
];
