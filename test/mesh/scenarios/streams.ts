// Calls of all four kinds through the mesh, with their cancellations and deadlines.
import type { Scenario } from '../scenario.ts';
import { SHADOW, to, traffic } from './rule-texts.ts';

const call = { from: 'client' } as const;
const streams = traffic('streams');
const cancellation = traffic('cancellation');
const deadlines = traffic('deadlines');
const plain = `- retries: { attempts: 0 }\n  route: [${to('v1')}]`;
const within = (more: string): string => `- ${more}\n  retries: { attempts: 0 }\n  route: [${to('v1')}]`;

export const STREAMS: readonly Scenario[] = [
  streams('all four kinds of calls', plain, [
    { call, expect: { codes: { 0: 1 }, messages: 1 } },
    { call: { ...call, kind: 'serverStream', order: { messages: 50 } }, expect: { codes: { 0: 1 }, messages: 50 } },
    { call: { ...call, kind: 'clientStream', send: 50 }, expect: { codes: { 0: 1 }, messages: 1 } },
    { call: { ...call, kind: 'bidi', send: 50 }, expect: { codes: { 0: 1 }, messages: 50 } },
  ]),
  streams('a status after messages reaches the caller', plain, [
    {
      call: { ...call, kind: 'serverStream', order: { messages: 5, code: 9 } },
      expect: { codes: { 9: 1 }, messages: 5 },
    },
    { call: { ...call, kind: 'bidi', send: 5, order: { code: 9 } }, expect: { codes: { 9: 1 }, messages: 5 } },
  ]),
  streams('large answers pass whole', plain, [
    { call: { ...call, order: { size: 2_000_000 } }, expect: { codes: { 0: 1 }, messages: 1 } },
    {
      call: { ...call, kind: 'serverStream', order: { messages: 20, size: 200_000 } },
      expect: { codes: { 0: 1 }, messages: 20 },
    },
  ]),
  streams('an empty stream ends well', plain, [
    { call: { ...call, kind: 'serverStream', order: { messages: 0 } }, expect: { codes: { 0: 1 }, messages: 0 } },
    { call: { ...call, kind: 'bidi', send: 0 }, expect: { codes: { 0: 1 }, messages: 0 } },
  ]),
  streams('a stream is mirrored', `- mirror: { host: ${SHADOW} }\n  route: [${to('v1')}]`, [
    {
      call: { ...call, kind: 'clientStream', send: 20 },
      expect: { codes: { 0: 1 }, messages: 1, reached: { server: 1, shadow: 1 } },
    },
  ]),
  streams('a hundred streams at once', plain, [
    {
      call: { ...call, kind: 'bidi', send: 10, times: 200, atOnce: 100 },
      expect: { codes: { 0: 200 }, messages: 10, reached: { server: 200 } },
    },
  ]),
  cancellation('a cancelled call is cancelled at the service', plain, [
    {
      call: { ...call, order: { delayMs: 8000 }, cancelAfterMs: 1500 },
      expect: { codes: { 1: 1 }, reached: { server: 1 }, cancelled: { server: 1 } },
    },
  ]),
  cancellation('a cancelled stream is cancelled at the service', plain, [
    {
      call: { ...call, kind: 'serverStream', order: { messages: 200, delayMs: 100 }, cancelAfterMs: 1500 },
      expect: { codes: { 1: 1 }, reached: { server: 1 }, cancelled: { server: 1 } },
    },
  ]),
  cancellation(
    'nothing is tried again for a caller that has gone',
    `- retries: { attempts: 5, retryOn: 'reset,cancelled,unavailable' }\n  route: [${to('v1')}]`,
    [
      {
        call: { ...call, order: { delayMs: 4000, code: 14 }, cancelAfterMs: 1500 },
        expect: { codes: { 1: 1 }, reached: { server: 1 } },
      },
    ],
  ),
  deadlines('the service is told of the deadline', plain, [
    { call: { ...call, deadlineMs: 20_000 }, expect: { codes: { 0: 1 }, timeLeftMs: [10_000, 20_000] } },
    { call: { ...call, deadlineMs: 0 }, expect: { codes: { 0: 1 }, timeLeftMs: null } },
  ]),
  deadlines("a route's timeout shortens the deadline that the service sees", within('timeout: 6s'), [
    { call: { ...call, deadlineMs: 20_000 }, expect: { codes: { 0: 1 }, timeLeftMs: [1000, 6000] } },
  ]),
  deadlines("the caller's own deadline comes first when it is shorter", within('timeout: 15s'), [
    {
      call: { ...call, order: { delayMs: 10_000 }, deadlineMs: 700 },
      expect: { codes: { 4: 1 }, atLeastMs: 690, belowMs: 9000 },
    },
    { call: { ...call, deadlineMs: 5000 }, expect: { codes: { 0: 1 }, timeLeftMs: [1000, 5000] } },
  ]),
  deadlines('a deadline ends a stream', plain, [
    {
      call: { ...call, kind: 'serverStream', order: { messages: 200, delayMs: 100 }, deadlineMs: 1500 },
      expect: { codes: { 4: 1 }, messages: [1, 30], cancelled: { server: 1 }, belowMs: 9000 },
    },
  ]),
  deadlines('a grpc-timeout header alone is kept by the mesh', plain, [
    {
      call: { ...call, deadlineMs: 0, headers: { 'grpc-timeout': '800m' }, order: { delayMs: 8000 } },
      expect: { codes: { 4: 1 }, belowMs: 7500 },
    },
  ]),
];
