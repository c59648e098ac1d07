// What happens when calls fail or take long: retries and their conditions, timeouts, injected faults.
import type { Scenario } from '../scenario.ts';
import { everywhere, to, traffic } from './rule-texts.ts';

const call = { from: 'client' } as const;
const once = 'retries: { attempts: 0 }';
const route = (more: string): string => `- ${more}\n  route: [${to('v1')}]`;
const retries = traffic('retries');
const timeouts = traffic('timeouts');
const faults = traffic('faults');

/** Mesh and service know the same deadline: UNAVAILABLE when the mesh speaks first, DEADLINE_EXCEEDED when the service does. */
const ENDED = { 4: [0, 1], 14: [0, 1] } as const;

/** Two more attempts for the named status, none for another. */
const retryOn = (condition: string, code: number): Scenario =>
  retries(`retryOn ${condition}`, route(`retries: { attempts: 2, retryOn: ${condition} }`), [
    { call: { ...call, order: { code } }, expect: { codes: { [code]: 1 }, reached: { server: 3 } } },
    { call: { ...call, order: { code, failFirst: 1 } }, expect: { codes: { 0: 1 }, reached: { server: 2 } } },
    { call: { ...call, order: { code: 9 } }, expect: { codes: { 9: 1 }, reached: { server: 1 } } },
  ]);

export const RESILIENCE: readonly Scenario[] = [
  retries('without a retry policy UNAVAILABLE is tried twice more', `- route: [${to('v1')}]`, [
    { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 3 } } },
    { call: { ...call, order: { code: 13 } }, expect: { codes: { 13: 1 }, reached: { server: 1 } } },
  ]),
  retries('attempts: 0 tries once', route(once), [
    { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 1 } } },
  ]),
  retryOn('cancelled', 1),
  retryOn('deadline-exceeded', 4),
  retryOn('resource-exhausted', 8),
  retryOn('internal', 13),
  retryOn('unavailable', 14),
  retries(
    'a retry succeeds and the caller sees nothing of it',
    route('retries: { attempts: 3, retryOn: unavailable }'),
    [
      {
        call: { ...call, times: 20, order: { code: 14, failFirst: 2 } },
        expect: { codes: { 0: 20 }, reached: { server: 60 } },
      },
    ],
  ),
  retries('a stream that began to answer is not tried again', route('retries: { attempts: 2, retryOn: unavailable }'), [
    {
      call: { ...call, kind: 'serverStream', order: { code: 14, messages: 3 } },
      expect: { codes: { 14: 1 }, reached: { server: 1 }, messages: 3 },
    },
  ]),
  retries('a client stream is tried again', route('retries: { attempts: 2, retryOn: unavailable }'), [
    {
      call: { ...call, kind: 'clientStream', order: { code: 14, failFirst: 1 } },
      expect: { codes: { 0: 1 }, reached: { server: 2 } },
    },
  ]),
  retries(
    'a per-try timeout makes another attempt',
    route('retries: { attempts: 2, perTryTimeout: 400ms, retryOn: "reset,deadline-exceeded" }'),
    [
      {
        call: { ...call, order: { delayMs: 8000 } },
        expect: { codes: ENDED, reached: { server: 3 }, atLeastMs: 1180, belowMs: 7500 },
      },
    ],
  ),
  retries('of two conditions either is enough', route('retries: { attempts: 2, retryOn: "cancelled,unavailable" }'), [
    { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 3 } } },
    { call: { ...call, order: { code: 1 } }, expect: { codes: { 1: 1 }, reached: { server: 3 } } },
    { call: { ...call, order: { code: 13 } }, expect: { codes: { 13: 1 }, reached: { server: 1 } } },
  ]),
  retries('five attempts more', route('retries: { attempts: 5, retryOn: unavailable }'), [
    { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 6 } } },
  ]),
  retries(
    'HTTP conditions do not look at gRPC statuses',
    route('retries: { attempts: 2, retryOn: "5xx,gateway-error" }'),
    [
      { call: { ...call, order: { code: 14 } }, expect: { codes: { 14: 1 }, reached: { server: 1 } } },
      { call: { ...call, order: { code: 13 } }, expect: { codes: { 13: 1 }, reached: { server: 1 } } },
    ],
  ),
  retries(
    'another attempt goes to another instance',
    `- retries: { attempts: 2, retryOn: unavailable }\n  route: [${everywhere}]`,
    [
      {
        call: { ...call, times: 30, order: { code: 14, only: 'server-v2' } },
        expect: { codes: { 0: 30 }, instances: { 'server-v1': 30 } },
      },
    ],
  ),
  retries('a caller cannot ask for retries in a header', route(once), [
    {
      call: {
        ...call,
        headers: { 'x-envoy-retry-grpc-on': 'internal', 'x-envoy-max-retries': '2' },
        order: { code: 13 },
      },
      expect: { codes: { 13: 1 }, reached: { server: 1 } },
    },
  ]),
  timeouts('a timeout is UNAVAILABLE', route(`timeout: 500ms\n  ${once}`), [
    { call: { ...call, order: { delayMs: 8000 } }, expect: { codes: ENDED, atLeastMs: 490, belowMs: 7500 } },
    { call, expect: { codes: { 0: 1 } } },
  ]),
  timeouts('without a timeout a call takes what it takes', route(once), [
    { call: { ...call, deadlineMs: 0, order: { delayMs: 2500 } }, expect: { codes: { 0: 1 }, atLeastMs: 2490 } },
  ]),
  timeouts(
    'an injected delay does not count',
    route('timeout: 500ms\n  fault: { delay: { fixedDelay: 900ms, percentage: { value: 100 } } }'),
    [{ call, expect: { codes: { 0: 1 }, atLeastMs: 890 } }],
  ),
  timeouts(
    'a timeout covers all attempts',
    route('timeout: 1s\n  retries: { attempts: 5, perTryTimeout: 400ms, retryOn: "reset,deadline-exceeded" }'),
    [
      {
        call: { ...call, order: { delayMs: 8000 } },
        expect: { codes: ENDED, reached: { server: [2, 3] }, atLeastMs: 980, belowMs: 7500 },
      },
    ],
  ),
  timeouts('a timeout ends a stream that goes on', route(`timeout: 700ms\n  ${once}`), [
    {
      call: { ...call, kind: 'serverStream', order: { messages: 100, delayMs: 100 } },
      expect: { codes: { ...ENDED, 13: [0, 1] }, messages: [1, 20], atLeastMs: 690, belowMs: 9000 },
    },
  ]),
  faults(
    'an injected abort never reaches the service',
    route('fault: { abort: { grpcStatus: ABORTED, percentage: { value: 100 } } }'),
    [{ call: { ...call, times: 10 }, expect: { codes: { 10: 10 }, reached: { server: 0 } } }],
  ),
  faults(
    'an injected HTTP status becomes a gRPC status',
    route('fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }'),
    [{ call, expect: { codes: { 14: 1 }, reached: { server: 0 } } }],
  ),
  faults(
    'an injected abort is not tried again',
    route(
      'fault: { abort: { grpcStatus: UNAVAILABLE, percentage: { value: 50 } } }\n  retries: { attempts: 3, retryOn: unavailable }',
    ),
    [{ call: { ...call, times: 400, atOnce: 8 }, expect: { codes: { 0: [160, 240], 14: [160, 240] } } }],
  ),
  faults(
    'an injected delay holds the call back',
    route('fault: { delay: { fixedDelay: 500ms, percentage: { value: 100 } } }'),
    [{ call, expect: { codes: { 0: 1 }, atLeastMs: 490 } }],
  ),
  faults('nothing at 0 percent', route('fault: { abort: { grpcStatus: ABORTED, percentage: { value: 0 } } }'), [
    { call: { ...call, times: 50 }, expect: { codes: { 0: 50 } } },
  ]),
  faults(
    'a delay and then an abort',
    route(
      'fault: { delay: { fixedDelay: 400ms, percentage: { value: 100 } }, abort: { httpStatus: 429, percentage: { value: 100 } } }',
    ),
    [{ call, expect: { codes: { 14: 1 }, atLeastMs: 390, reached: { server: 0 } } }],
  ),
  faults(
    'faults hit only calls that match',
    `- match: [{ headers: { x-test: { exact: fail } } }]\n  fault: { abort: { grpcStatus: DATA_LOSS, percentage: { value: 100 } } }\n  route: [${to('v1')}]\n- route: [${to('v1')}]`,
    [
      { call: { ...call, headers: { 'x-test': 'fail' } }, expect: { codes: { 15: 1 } } },
      { call, expect: { codes: { 0: 1 } } },
    ],
  ),
];
