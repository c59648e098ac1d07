// What happens when things go wrong: retries and their conditions, timeouts, faults, limits.

import type { Scenario } from '../scenario.ts';
import { destinationRule, rules, strict, to, virtualService } from './rule-texts.ts';

const instances = ['client-v1', 'server-v1'];
const call = { from: 'client', to: 'server' } as const;
const scenario = (name: string, http: string, steps: Scenario['steps'], traffic = ''): Scenario => ({
  name,
  group: 'resilience',
  instances,
  rules: rules(strict, destinationRule(traffic), virtualService(http)),
  steps,
});
const retrying = (retries: string): string => `- retries: ${retries}\n  route: [${to('v1')}]`;

export const RESILIENCE: readonly Scenario[] = [
  scenario('an absent retry policy tries twice more on UNAVAILABLE', `- route: [${to('v1')}]`, [
    { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 3 } } },
    { call: { ...call, order: { code: 13 } }, expect: { codes: { 13: 1 }, reached: { server: 1 } } },
  ]),
  scenario('attempts: 0 tries once', retrying('{ attempts: 0 }'), [
    { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 1 } } },
  ]),
  ...(
    [
      ['cancelled', 1],
      ['deadline-exceeded', 4],
      ['resource-exhausted', 8],
      ['internal', 13],
      ['unavailable', 14],
    ] as const
  ).map(([condition, code]) =>
    scenario(`retryOn ${condition}`, retrying(`{ attempts: 2, retryOn: ${condition} }`), [
      { call: { ...call, order: { code } }, expect: { codes: { [code]: 1 }, reached: { server: 3 } } },
      { call: { ...call, order: { code: 9 } }, expect: { codes: { 9: 1 }, reached: { server: 1 } } },
    ]),
  ),
  scenario('a timeout is UNAVAILABLE', `- timeout: 300ms\n  retries: { attempts: 0 }\n  route: [${to('v1')}]`, [
    { call: { ...call, order: { delayMs: 3000 } }, expect: { codes: { 14: 1 }, atLeastMs: 290 } },
    { call, expect: { codes: { 0: 1 } } },
  ]),
  scenario("the caller's own deadline comes first when it is shorter", `- timeout: 5s\n  route: [${to('v1')}]`, [
    { call: { ...call, order: { delayMs: 3000 }, deadlineMs: 200 }, expect: { codes: { 4: 1 } } },
  ]),
  scenario(
    'a per-try timeout makes another attempt',
    retrying('{ attempts: 2, perTryTimeout: 200ms, retryOn: reset }'),
    [
      {
        call: { ...call, order: { delayMs: 3000 } },
        expect: { codes: { 14: 1 }, reached: { server: 3 }, atLeastMs: 590 },
      },
    ],
  ),
  scenario(
    'an injected abort never reaches the service',
    `- fault: { abort: { grpcStatus: ABORTED, percentage: { value: 100 } } }\n  route: [${to('v1')}]`,
    [{ call: { ...call, times: 10 }, expect: { codes: { 10: 10 }, reached: { server: 0 } } }],
  ),
  scenario(
    'an injected HTTP status becomes a gRPC status',
    `- fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }\n  route: [${to('v1')}]`,
    [{ call, expect: { codes: { 14: 1 } } }],
  ),
  scenario(
    'half of the calls are aborted',
    `- fault: { abort: { grpcStatus: ABORTED, percentage: { value: 50 } } }\n  route: [${to('v1')}]`,
    [{ call: { ...call, times: 400, atOnce: 8 }, expect: { codes: { 0: [150, 250], 10: [150, 250] } } }],
  ),
  scenario(
    'an injected delay holds the call back',
    `- fault: { delay: { fixedDelay: 300ms, percentage: { value: 100 } } }\n  route: [${to('v1')}]`,
    [{ call, expect: { codes: { 0: 1 }, atLeastMs: 290 } }],
  ),
  scenario(
    'calls over http2MaxRequests are refused at once',
    retrying('{ attempts: 0 }'),
    [{ call: { ...call, times: 6, atOnce: 6, order: { delayMs: 1000 } }, expect: { codes: { 0: 2, 14: 4 } } }],
    'trafficPolicy: { connectionPool: { http: { http2MaxRequests: 2 } } }',
  ),
];
