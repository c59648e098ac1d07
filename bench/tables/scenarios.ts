// Loads under which contenders are compared, and who takes part in each. Fewer where a row would say nothing new.
import type { Load } from '../harness/compare.ts';
import { roundTrips, streamRequest } from '../workload.ts';

/** One table of calls. */
export interface Scenario extends Load {
  /** What `--only` and markers call it. */
  readonly id: string;
  readonly title: string;
  /** Names of contenders; the baseline comes first, bare grpc-js but for one. */
  readonly contenders: readonly string[];
  /** Both sides speak TLS by themselves. @default false */
  readonly tls?: boolean;
}

const kits = ['grpc-js', 'kit', 'kit on grpc-js', 'transport'];
const json = ['Fastify + undici, JSON', 'Express + axios, JSON'];
const grpc = ['NestJS gRPC', 'connect-node'];
const crossed = ['Go client, transport server', 'transport client, Go server'];
const some = [...kits, 'node:http2 by hand', ...json, 'Go'];

/** All of them, in the order of the page. */
export const scenarios: readonly Scenario[] = [
  {
    id: 'small-32',
    title: 'Small unary, 32 at once',
    shape: 'small',
    concurrency: 32,
    weight: 1,
    contenders: [...kits, 'node:http2 by hand', ...grpc, ...json, 'Go', 'Go client, kit server', ...crossed],
  },
  { id: 'small-1', title: 'Small unary, one at a time', shape: 'small', concurrency: 1, weight: 1, contenders: some },
  { id: 'small-128', title: 'Small unary, 128 at once', shape: 'small', concurrency: 128, weight: 1, contenders: some },
  {
    id: 'large-32',
    title: 'Large unary (100 entries), 32 at once',
    shape: 'large',
    concurrency: 32,
    weight: 1,
    contenders: [...kits, 'node:http2 by hand', ...grpc, ...json, 'Go', ...crossed],
  },
  {
    id: 'large-1',
    title: 'Large unary (100 entries), one at a time',
    shape: 'large',
    concurrency: 1,
    weight: 1,
    contenders: [...kits, ...json],
  },
  {
    id: 'stream-8',
    title: 'Server streams of 1,000 messages, 8 at once',
    shape: 'stream',
    concurrency: 8,
    weight: streamRequest.size,
    contenders: [...kits, ...grpc, ...json, 'Go', ...crossed],
  },
  {
    id: 'converse-32',
    title: 'Bidirectional streams of 100 round trips, 32 at once',
    shape: 'converse',
    concurrency: 32,
    weight: roundTrips,
    contenders: [...kits, 'connect-node', 'Go', ...crossed],
  },
  {
    id: 'tls-32',
    title: 'Small unary over TLS, 32 at once',
    shape: 'small',
    concurrency: 32,
    weight: 1,
    tls: true,
    contenders: ['grpc-js', 'transport', 'node:http2 by hand', 'Go', ...crossed],
  },
  {
    id: 'envoy-32',
    title: 'Small unary through two Envoys, 32 at once',
    shape: 'small',
    concurrency: 32,
    weight: 1,
    contenders: ['transport', 'transport through two Envoys', 'kit', 'kit through two Envoys'],
  },
];
