// gRPC from outside: HTTP/2 without TLS on the gateway's port, where statuses come in trailers.
import type { Scenario } from '../../scenario.ts';
import { to } from '../rule-texts.ts';
import { edge } from './edge-rules.ts';

const call = { from: 'outside' } as const;
const grpc = (...[name, http, steps]: Parameters<ReturnType<typeof edge>>): Scenario => ({
  ...edge('edge gRPC')(name, http, steps),
  protocol: 'grpc',
});
const plain = `- retries: { attempts: 0 }\n  route: [${to('v1')}]`;

export const EDGE_GRPC: readonly Scenario[] = [
  grpc('all four kinds of calls', plain, [
    { call, expect: { codes: { 0: 1 }, messages: 1, instances: { 'server-v1': 1 } } },
    { call: { ...call, kind: 'serverStream', order: { messages: 20 } }, expect: { codes: { 0: 1 }, messages: 20 } },
    { call: { ...call, kind: 'clientStream', send: 20 }, expect: { codes: { 0: 1 }, messages: 1 } },
    { call: { ...call, kind: 'bidi', send: 20 }, expect: { codes: { 0: 1 }, messages: 20 } },
  ]),
  grpc('fields that the gateway writes', plain, [
    {
      call: { ...call, headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' } },
      expect: {
        codes: { 0: 1 },
        headers: {
          'x-forwarded-for': /^203\.0\.113\.7,[0-9.]+$/,
          'x-forwarded-proto': 'http',
          'x-request-id': /^[0-9a-f-]{36}$/,
          'x-envoy-attempt-count': '1',
        },
        responseHeaders: { server: 'istio-envoy', 'x-envoy-upstream-service-time': /^[0-9]+$/ },
      },
    },
  ]),
  grpc(
    'a status of the service, and one of the gateway',
    `- match: [{ uri: { exact: /parity.v1.Echo/Single } }]\n  route: [${to('v1')}]`,
    [
      { call: { ...call, order: { code: 9 } }, expect: { codes: { 9: 1 }, reached: { server: 1 } } },
      { call: { ...call, other: true }, expect: { codes: { 12: 1 }, reached: { server: 0 } } },
    ],
  ),
  grpc('a timeout', `- timeout: 500ms\n  retries: { attempts: 0 }\n  route: [${to('v1')}]`, [
    {
      call: { ...call, order: { delayMs: 8000 } },
      expect: { codes: { 14: [0, 1], 4: [0, 1] }, atLeastMs: 490, belowMs: 7500 },
    },
  ]),
];
