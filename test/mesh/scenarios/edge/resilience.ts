// What a client outside sees when the service behind fails, is slow, is not there, or is protected by a rule.
import type { Request, RequestStep, Scenario, Verdict } from '../../scenario.ts';
import { SHADOW } from '../rule-texts.ts';
import { edge, toWeb, web, webEverywhere } from './edge-rules.ts';

const scenario = edge('edge resilience');
const once = 'retries: { attempts: 0 }';
const route = (more: string): string => `- ${more}\n  route: [${web('v1')}]`;
const all = `- ${once}\n  route: [${webEverywhere}]`;
const step = (request: Request, expect: Verdict, afterMs = 0): RequestStep => ({ afterMs, request, expect });
/** Or nothing, where the service answered. */
const OVERFLOW = /^(?:upstream connect error or disconnect\/reset before headers\. reset reason: overflow)?$/;

export const EDGE_RESILIENCE: readonly Scenario[] = [
  scenario('a timeout is 504', route(`timeout: 500ms\n  ${once}`), [
    step(
      { order: { delayMs: 8000 } },
      {
        ...{ codes: { 504: 1 }, body: 'upstream request timeout', reached: { server: 1 }, cancelled: { server: 1 } },
        ...{ responseHeaders: { 'content-type': 'text/plain' }, atLeastMs: 490, belowMs: 7500 },
      },
    ),
    step({}, { codes: { 200: 1 } }),
  ]),
  scenario('a timeout ends an answer that has begun', route(`timeout: 700ms\n  ${once}`), [
    step(
      { order: { messages: 100, delayMs: 100 } },
      { codes: { 0: 1 }, messages: [1, 12], cancelled: { server: 1 }, belowMs: 7500 },
    ),
  ]),
  scenario('without a retry policy 503 is not tried again', toWeb, [
    step({ order: { code: 503 } }, { codes: { 503: 1 }, instances: { 'server-v1': 1 }, reached: { server: 1 } }),
  ]),
  scenario('retryOn 5xx', route('retries: { attempts: 2, retryOn: 5xx }'), [
    step({ order: { code: 500 } }, { codes: { 500: 1 }, reached: { server: 3 } }),
    step(
      { order: { code: 503, failFirst: 2 } },
      { codes: { 200: 1 }, reached: { server: 3 }, headers: { 'x-envoy-attempt-count': '3' } },
    ),
    step({ order: { code: 404 } }, { codes: { 404: 1 }, reached: { server: 1 } }),
  ]),
  scenario('retryOn gateway-error', route('retries: { attempts: 2, retryOn: gateway-error }'), [
    step({ order: { code: 502 } }, { codes: { 502: 1 }, reached: { server: 3 } }),
    step({ order: { code: 500 } }, { codes: { 500: 1 }, reached: { server: 1 } }),
  ]),
  scenario('retryOn names statuses', route('retries: { attempts: 1, retryOn: "409,503" }'), [
    step({ order: { code: 409 } }, { codes: { 409: 1 }, reached: { server: 2 } }),
    step({ order: { code: 503 } }, { codes: { 503: 1 }, reached: { server: 2 } }),
    step({ order: { code: 500 } }, { codes: { 500: 1 }, reached: { server: 1 } }),
  ]),
  scenario('a request with a body is tried again', route('retries: { attempts: 2, retryOn: 5xx }'), [
    step(
      { method: 'POST', body: 'x'.repeat(2000), order: { code: 503, failFirst: 1 } },
      { codes: { 200: 1 }, reached: { server: 2 }, received: 2000 },
    ),
  ]),
  scenario(
    'a per-try timeout makes another attempt',
    route('retries: { attempts: 1, perTryTimeout: 400ms, retryOn: "5xx,reset" }'),
    [
      step(
        { order: { delayMs: 8000 } },
        { codes: { 504: 1 }, reached: { server: 2 }, body: 'upstream request timeout', atLeastMs: 790, belowMs: 7500 },
      ),
    ],
  ),
  scenario('a client cannot ask for retries or a timeout in fields', route(once), [
    step(
      {
        headers: { 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '2', 'x-envoy-upstream-rq-timeout-ms': '1' },
        order: { code: 503, delayMs: 300 },
      },
      { codes: { 503: 1 }, reached: { server: 1 } },
    ),
  ]),
  scenario('a connection that breaks before the answer is whole', route(once), [
    step({ order: { breakOff: true } }, { codes: { 0: 1 }, reached: { server: 1 } }),
  ]),
  scenario(
    'an injected abort never reaches the service',
    route('fault: { abort: { httpStatus: 429, percentage: { value: 100 } } }'),
    [step({}, { codes: { 429: 1 }, body: 'fault filter abort', reached: { server: 0 } })],
  ),
  scenario(
    'an injected delay holds the request back',
    route('fault: { delay: { fixedDelay: 500ms, percentage: { value: 100 } } }'),
    [step({}, { codes: { 200: 1 }, atLeastMs: 490 })],
  ),
  scenario(
    'an instance that fails is ejected, and comes back',
    all,
    [
      step(
        { times: 12, order: { code: 503, only: 'server-v2' } },
        { codes: { 200: [8, 9], 503: [3, 4] }, instances: { 'server-v1': [8, 9], 'server-v2': [3, 4] } },
      ),
      step({ times: 10 }, { codes: { 200: 10 }, instances: { 'server-v1': 10 } }, 1500),
      step({ times: 10 }, { codes: { 200: 10 }, distinct: 2 }, 5500),
    ],
    {
      policy:
        'trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN }, outlierDetection: { consecutive5xxErrors: 3, interval: 1s, baseEjectionTime: 5s, maxEjectionPercent: 100 } }',
    },
  ),
  scenario(
    'a consistent hash keeps a query parameter at one instance',
    all,
    [
      step({ target: '/?a=b&user=ann', times: 10 }, { codes: { 200: 10 }, distinct: 1 }),
      step({ target: '/?user={n}', times: 40 }, { codes: { 200: 40 }, distinct: 2 }),
    ],
    { policy: 'trafficPolicy: { loadBalancer: { consistentHash: { httpQueryParameterName: user } } }' },
  ),
  scenario(
    'a consistent hash keeps a cookie at one instance, and makes it where there is none',
    all,
    [
      step(
        {},
        { codes: { 200: 1 }, responseHeaders: { 'set-cookie': /^at="[0-9a-f]+"; Max-Age=60; Path=\/a; HttpOnly$/ } },
      ),
      step(
        { headers: { cookie: 'other=1; at="abc"' }, times: 10 },
        { codes: { 200: 10 }, distinct: 1, responseHeaders: { 'set-cookie': null } },
      ),
      step({ headers: { cookie: 'at={n}' }, times: 40 }, { codes: { 200: 40 }, distinct: 2 }),
    ],
    {
      policy: 'trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: at, path: /a, ttl: 60s } } } }',
    },
  ),
  scenario(
    'a cookie of the session',
    all,
    [step({}, { codes: { 200: 1 }, responseHeaders: { 'set-cookie': /^at="[0-9a-f]+"; HttpOnly$/ } })],
    { policy: 'trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: at, ttl: 0s } } } }' },
  ),
  scenario(
    'a consistent hash keeps a client at one instance',
    all,
    [step({ times: 20 }, { codes: { 200: 20 }, distinct: 1 })],
    { policy: 'trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } }' },
  ),
  scenario(
    'requests over http2MaxRequests are refused at once',
    route(once),
    [
      step(
        { times: 6, atOnce: 6, order: { delayMs: 2000 } },
        { codes: { 200: 2, 503: 4 }, reached: { server: 2 }, body: OVERFLOW },
      ),
      step({ times: 4 }, { codes: { 200: 4 } }),
    ],
    { policy: 'trafficPolicy: { connectionPool: { http: { http2MaxRequests: 2 } } }' },
  ),
  scenario('an instance that is not there', `- route: [${web('v3')}]`, [
    step({}, { codes: { 503: 1 }, body: 'no healthy upstream', reached: { server: 0 } }),
  ]),
  scenario('a subset that no rule declares', `- route: [${web('nowhere')}]`, [
    step({}, { codes: { 503: 1 }, body: '', reached: { server: 0 } }),
  ]),
  scenario(
    'requests are mirrored, and the copy does not answer',
    `- mirror: { host: ${SHADOW}, port: { number: 8080 } }\n  route: [${web('v1')}]`,
    [
      step(
        { method: 'POST', body: 'hello', times: 10 },
        { codes: { 200: 10 }, instances: { 'server-v1': 10 }, reached: { server: 10, shadow: 10 } },
      ),
    ],
  ),
];
