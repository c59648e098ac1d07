// Cross-origin requests: which preflights the gateway answers, and what it writes into answers.
import type { Request, RequestStep, Scenario, Verdict } from '../../scenario.ts';
import { edge, web } from './edge-rules.ts';

const scenario = edge('edge CORS');
const route = (policy: string): string => `- corsPolicy: { ${policy} }\n  route: [${web('v1')}]`;
const origin = (value: string, more: Request = {}): Request => ({
  ...more,
  headers: { Origin: value, ...more.headers },
});
const preflight = (value: string, method = 'PUT', headers: Request['headers'] = {}): Request => ({
  method: 'OPTIONS',
  headers: { Origin: value, 'Access-Control-Request-Method': method, ...headers },
});
const step = (request: Request, expect: Verdict): RequestStep => ({ request, expect });
const ALLOW = 'access-control-allow-origin';
const answered = (responseHeaders: Verdict['responseHeaders']): Verdict => ({
  codes: { 200: 1 },
  body: '',
  reached: { server: 0 },
  ...(responseHeaders === undefined ? {} : { responseHeaders }),
});
const passed = (responseHeaders: Verdict['responseHeaders']): Verdict => ({
  codes: { 200: 1 },
  instances: { 'server-v1': 1 },
  ...(responseHeaders === undefined ? {} : { responseHeaders }),
});

export const EDGE_CORS: readonly Scenario[] = [
  scenario(
    'a preflight is answered by the gateway with all that the rule says',
    route(
      'allowOrigins: [{ exact: "https://shop.test" }], allowMethods: [GET, PUT], allowHeaders: [x-a, content-type], exposeHeaders: [x-out, x-more], maxAge: 24h, allowCredentials: true',
    ),
    [
      step(
        preflight('https://shop.test', 'PUT', { 'Access-Control-Request-Headers': 'x-a' }),
        answered({
          [ALLOW]: 'https://shop.test',
          'access-control-allow-methods': 'GET,PUT',
          'access-control-allow-headers': 'x-a,content-type',
          'access-control-max-age': '86400',
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'x-out,x-more',
        }),
      ),
      // Which method is asked for is the browser's to compare.
      step(preflight('https://shop.test', 'DELETE'), answered({ 'access-control-allow-methods': 'GET,PUT' })),
      step(
        origin('https://shop.test'),
        passed({
          [ALLOW]: 'https://shop.test',
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'x-out,x-more',
          'access-control-allow-methods': null,
          'access-control-max-age': null,
        }),
      ),
    ],
  ),
  scenario(
    'origins by name, beginning and regular expression',
    route(
      'allowOrigins: [{ exact: "https://a.test" }, { prefix: "https://b." }, { regex: "https://[a-z]+\\\\.c\\\\.test" }]',
    ),
    [
      step(origin('https://a.test'), passed({ [ALLOW]: 'https://a.test', 'access-control-allow-credentials': null })),
      step(origin('https://A.test'), passed({ [ALLOW]: null })),
      step(origin('https://b.anywhere.test'), passed({ [ALLOW]: 'https://b.anywhere.test' })),
      step(origin('https://x.c.test'), passed({ [ALLOW]: 'https://x.c.test' })),
      step(origin('https://x.c.test.evil.test'), passed({ [ALLOW]: null })),
      step(origin('null'), passed({ [ALLOW]: null })),
      step({}, passed({ [ALLOW]: null })),
    ],
  ),
  scenario('any origin', route('allowOrigins: [{ regex: ".*" }], allowMethods: [GET]'), [
    step(preflight('https://anyone.test', 'GET'), answered({ [ALLOW]: 'https://anyone.test' })),
  ]),
  scenario('a lone star', route('allowOrigins: [{ exact: "*" }], allowMethods: [GET]'), [
    step(preflight('https://anyone.test', 'GET'), answered({ [ALLOW]: 'https://anyone.test' })),
  ]),
  scenario(
    'an origin that is not allowed: its preflight goes to the service, and its request too',
    route('allowOrigins: [{ exact: "https://shop.test" }], allowMethods: [GET]'),
    [
      step(preflight('https://evil.test'), passed({ [ALLOW]: null, 'access-control-allow-methods': null })),
      step(origin('https://evil.test'), passed({ [ALLOW]: null })),
      step({ method: 'OPTIONS', headers: { Origin: 'https://shop.test' } }, passed({ [ALLOW]: 'https://shop.test' })),
    ],
  ),
  scenario(
    'unmatchedPreflights: IGNORE answers them, and names no origin',
    route(
      'allowOrigins: [{ exact: "https://shop.test" }], allowMethods: [GET], allowHeaders: [x-a], exposeHeaders: [x-b], maxAge: 60s, allowCredentials: true, unmatchedPreflights: IGNORE',
    ),
    [
      step(
        preflight('https://evil.test'),
        answered({
          [ALLOW]: null,
          'access-control-allow-methods': 'GET',
          'access-control-allow-headers': 'x-a',
          'access-control-max-age': '60',
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': null,
        }),
      ),
      step(preflight('https://shop.test'), answered({ [ALLOW]: 'https://shop.test' })),
    ],
  ),
  scenario(
    'what the service says of origins gives way to the rule',
    route('allowOrigins: [{ exact: "https://shop.test" }], exposeHeaders: [x-rule]'),
    [
      step(
        origin('https://shop.test', { order: { fields: { [ALLOW]: '*', 'access-control-expose-headers': 'x-own' } } }),
        passed({ [ALLOW]: 'https://shop.test', 'access-control-expose-headers': 'x-rule' }),
      ),
      step(origin('https://evil.test', { order: { fields: { [ALLOW]: '*' } } }), passed({ [ALLOW]: '*' })),
    ],
  ),
  scenario(
    'a fault comes before, and has no permission in it',
    `- corsPolicy: { allowOrigins: [{ exact: "https://shop.test" }] }\n  fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }\n  route: [${web('v1')}]`,
    [step(origin('https://shop.test'), { codes: { 503: 1 }, responseHeaders: { [ALLOW]: null } })],
  ),
];
