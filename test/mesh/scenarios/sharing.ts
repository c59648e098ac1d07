// How calls are shared out: weights, balancing, ejection and return, limits, mirrors, headers on the way.
import { binomialBounds } from '../../cluster/access/binomial.ts';
import type { Range, Scenario } from '../scenario.ts';
import { everywhere, SHADOW, to, traffic } from './rule-texts.ts';

const call = { from: 'client' } as const;
const once = 'retries: { attempts: 0 }';
const share = (calls: number, part: number): Range => {
  const { low, high } = binomialBounds(calls, part);
  return [low, high];
};
const weights = traffic('weights');
const balancing = traffic('balancing');
const ejection = traffic('ejection');
const limits = traffic('limits');
const mirrors = traffic('mirroring');
const headers = traffic('headers');
const all = `- ${once}\n  route: [${everywhere}]`;
const ill = { code: 13, only: 'server-v2' } as const;
const ejecting = (more: string, percent = 100): string =>
  `trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN }, outlierDetection: { interval: 1s, baseEjectionTime: 5s, maxEjectionPercent: ${percent}, ${more} } }`;

export const SHARING: readonly Scenario[] = [
  weights('weights split traffic 90 to 10', `- route: [${to('v1', ', weight: 90')}, ${to('v2', ', weight: 10')}]`, [
    {
      call: { ...call, times: 1000, atOnce: 16 },
      expect: { codes: { 0: 1000 }, instances: { 'server-v1': share(1000, 0.9), 'server-v2': share(1000, 0.1) } },
    },
  ]),
  weights('a weight of 0 gets nothing', `- route: [${to('v1', ', weight: 100')}, ${to('v2', ', weight: 0')}]`, [
    { call: { ...call, times: 200, atOnce: 8 }, expect: { codes: { 0: 200 }, instances: { 'server-v1': 200 } } },
  ]),
  weights(
    'weights hold within a match',
    `- match: [{ headers: { x-a: {} } }]\n  route: [${to('v1', ', weight: 50')}, ${to('v2', ', weight: 50')}]\n- route: [${to('v1')}]`,
    [
      {
        call: { ...call, headers: { 'x-a': '1' }, times: 400, atOnce: 8 },
        expect: { instances: { 'server-v1': share(400, 0.5), 'server-v2': share(400, 0.5) } },
      },
      { call: { ...call, times: 50 }, expect: { instances: { 'server-v1': 50 } } },
    ],
  ),
  balancing(
    'round robin takes turns',
    `- route: [${everywhere}]`,
    [
      {
        call: { ...call, times: 40 },
        expect: { codes: { 0: 40 }, instances: { 'server-v1': [18, 22], 'server-v2': [18, 22] } },
      },
    ],
    'trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }',
  ),
  balancing(
    'random uses every instance',
    `- route: [${everywhere}]`,
    [
      {
        call: { ...call, times: 400, atOnce: 8 },
        expect: { codes: { 0: 400 }, instances: { 'server-v1': share(400, 0.5), 'server-v2': share(400, 0.5) } },
      },
    ],
    'trafficPolicy: { loadBalancer: { simple: RANDOM } }',
  ),
  balancing(
    'least request avoids the instance that is busy',
    `- route: [${everywhere}]`,
    [
      {
        call: { ...call, times: 300, atOnce: 10, order: { delayMs: 150, only: 'server-v2' } },
        expect: { codes: { 0: 300 }, instances: { 'server-v1': [180, 300], 'server-v2': [0, 120] } },
      },
    ],
    'trafficPolicy: { loadBalancer: { simple: LEAST_REQUEST } }',
  ),
  balancing(
    'a consistent hash keeps a header value at one instance',
    `- route: [${everywhere}]`,
    [
      { call: { ...call, times: 30, headers: { 'x-user': 'ann' } }, expect: { codes: { 0: 30 }, distinct: 1 } },
      { call: { ...call, times: 60, headers: { 'x-user': 'user-{n}' } }, expect: { codes: { 0: 60 }, distinct: 2 } },
    ],
    'trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: x-user } } }',
  ),
  ejection(
    'an instance that fails is ejected, and comes back',
    all,
    [
      // Statuses that become 5xx count: INTERNAL is 500 in Envoy's table.
      { call: { ...call, times: 12, order: ill }, expect: { codes: { 0: [6, 9], 13: [3, 6] } } },
      {
        afterMs: 1500,
        call: { ...call, times: 30, order: ill },
        expect: { codes: { 0: 30 }, instances: { 'server-v1': 30 } },
      },
      { afterMs: 8000, call: { ...call, times: 30 }, expect: { codes: { 0: 30 }, distinct: 2 } },
    ],
    ejecting('consecutive5xxErrors: 3'),
  ),
  ejection(
    'statuses of the caller eject nobody',
    all,
    [
      {
        call: { ...call, times: 20, order: { code: 3, only: 'server-v2' } },
        expect: { codes: { 0: [8, 12], 3: [8, 12] } },
      },
      { afterMs: 1500, call: { ...call, times: 20 }, expect: { codes: { 0: 20 }, distinct: 2 } },
    ],
    ejecting('consecutive5xxErrors: 3'),
  ),
  ejection(
    'a status after messages ejects nobody',
    all,
    [
      {
        call: { ...call, kind: 'serverStream', times: 20, order: { ...ill, code: 14 } },
        expect: { codes: { 0: [8, 12], 14: [8, 12] } },
      },
      { afterMs: 1500, call: { ...call, times: 20 }, expect: { codes: { 0: 20 }, distinct: 2 } },
    ],
    ejecting('consecutive5xxErrors: 3'),
  ),
  ejection(
    'gateway errors are UNAVAILABLE, not INTERNAL',
    all,
    [
      { call: { ...call, times: 20, order: ill }, expect: { codes: { 0: [8, 12], 13: [8, 12] } } },
      { call: { ...call, times: 12, order: { ...ill, code: 14 } }, expect: { codes: { 0: [6, 9], 14: [3, 6] } } },
      { afterMs: 1500, call: { ...call, times: 20, order: { ...ill, code: 14 } }, expect: { codes: { 0: 20 } } },
    ],
    ejecting('consecutive5xxErrors: 0, consecutiveGatewayErrors: 3'),
  ),
  ejection(
    'no more are ejected than the limit allows',
    all,
    [
      { call: { ...call, times: 20, order: { code: 13 } }, expect: { codes: { 13: 20 } } },
      { afterMs: 1500, call: { ...call, times: 20 }, expect: { codes: { 0: 20 }, distinct: 1 } },
    ],
    ejecting('consecutive5xxErrors: 3', 50),
  ),
  ejection(
    'a limit below one instance ejects nobody',
    all,
    [
      { call: { ...call, times: 20, order: { code: 13 } }, expect: { codes: { 13: 20 } } },
      { afterMs: 1500, call: { ...call, times: 20 }, expect: { codes: { 0: 20 }, distinct: 2 } },
    ],
    ejecting('consecutive5xxErrors: 3', 10),
  ),
  limits(
    'calls over http2MaxRequests are refused at once',
    `- ${once}\n  route: [${to('v1')}]`,
    [
      {
        call: { ...call, times: 6, atOnce: 6, order: { delayMs: 3000 } },
        expect: { codes: { 0: 2, 14: 4 }, reached: { server: 2 } },
      },
      { call: { ...call, times: 4 }, expect: { codes: { 0: 4 } } },
    ],
    'trafficPolicy: { connectionPool: { http: { http2MaxRequests: 2 } } }',
  ),
  limits(
    'a connection that carries one request only',
    `- ${once}\n  route: [${to('v1')}]`,
    [{ call: { ...call, times: 20, atOnce: 4 }, expect: { codes: { 0: 20 } } }],
    'trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } }',
  ),
  mirrors(
    'every call is mirrored, and the copy does not answer',
    `- route: [${to('v1')}]\n  mirror: { host: ${SHADOW} }`,
    [
      {
        call: { ...call, times: 20 },
        expect: { codes: { 0: 20 }, instances: { 'server-v1': 20 }, reached: { server: 20, shadow: 20 } },
      },
    ],
  ),
  mirrors("failures of the copy are nobody's", `- route: [${to('v1')}]\n  mirror: { host: ${SHADOW} }`, [
    {
      call: { ...call, times: 10, order: { code: 13, only: 'shadow-v1' } },
      expect: { codes: { 0: 10 }, reached: { server: 10, shadow: 10 } },
    },
  ]),
  mirrors(
    'a part of the calls is mirrored',
    `- route: [${to('v1')}]\n  mirror: { host: ${SHADOW} }\n  mirrorPercentage: { value: 25 }`,
    [
      {
        call: { ...call, times: 400, atOnce: 8 },
        expect: { codes: { 0: 400 }, reached: { server: 400, shadow: share(400, 0.25) } },
      },
    ],
  ),
  headers(
    'request headers are set, added and removed',
    `- headers: { request: { set: { x-set: mesh }, add: { x-add: mesh }, remove: [x-gone] } }\n  route: [${to('v1')}]`,
    [
      {
        call: { ...call, headers: { 'x-set': 'caller', 'x-add': 'caller', 'x-gone': 'caller' } },
        expect: { codes: { 0: 1 }, headers: { 'x-set': 'mesh', 'x-add': /^caller, ?mesh$/, 'x-gone': null } },
      },
    ],
  ),
  headers(
    'response headers are set and added',
    `- headers: { response: { set: { x-answer: mesh }, add: { x-more: mesh } } }\n  route: [${to('v1')}]`,
    [{ call, expect: { codes: { 0: 1 }, responseHeaders: { 'x-answer': 'mesh', 'x-more': 'mesh' } } }],
  ),
  headers(
    'a destination changes headers after the route',
    `- headers: { request: { set: { x-who: route } } }\n  route:\n  - { destination: { host: SERVER.NAMESPACE.svc.cluster.local, subset: v1 }, headers: { request: { set: { x-from: destination } } } }`,
    [{ call, expect: { codes: { 0: 1 }, headers: { 'x-who': 'route', 'x-from': 'destination' } } }],
  ),
];
