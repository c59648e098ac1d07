// Table 2: what is said of gRPC over REST, against what is measured here. Flattering or not, as it is.
import type { Row } from '../harness/compare.ts';
import type { Measured } from './calls.ts';
import { payloads } from './payloads.ts';
import type { Updates } from './updates.ts';

/** Figures of a scenario that was measured in this run, or is measured now. */
export type Measure = (id: string) => Promise<Measured>;

const grpc = ['kit', 'grpc-js'];
const rest = ['Fastify + undici, JSON', 'Express + axios, JSON'];
const batch = 100;

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const less = (own: number, other: number): string => {
  const saved = 1 - own / other;
  return saved >= 0 ? `${percent(saved)} less` : `${percent(-saved)} more`;
};

interface Claim {
  readonly claim: string;
  readonly how: string;
  readonly measured: readonly string[];
}

function pairs(rows: readonly Row[], says: (own: Row, other: Row) => string): string[] {
  const find = (name: string): Row | undefined => rows.find((row) => row.name === name);
  return grpc.flatMap((ownName) =>
    rest.flatMap((otherName) => {
      const [own, other] = [find(ownName), find(otherName)];
      return own === undefined || other === undefined ? [] : [`${ownName} against ${otherName}: ${says(own, other)}`];
    }),
  );
}

function batching(single: readonly Row[], many: readonly Row[], parallel: readonly Row[]): string[] {
  const row = (rows: readonly Row[], name: string): Row | undefined => rows.find((each) => each.name === name);
  return [...grpc, ...rest].flatMap((name) => {
    const [one, all, atOnce] = [row(single, name), row(many, name), row(parallel, name)];
    if (one === undefined || all === undefined || atOnce === undefined) return [];
    const inTurn = batch * one.p50Us;
    const together = (batch / atOnce.perSecond) * 1e6;
    return [
      `${name}: ${less(all.p50Us, inTurn)} time than ${batch} calls in turn, ${less(all.p50Us, together)} than 32 of them at once`,
    ];
  });
}

/** The table as Markdown. */
export async function claimsTable(
  measure: Measure,
  measureUpdates: () => Promise<readonly Updates[]>,
): Promise<string> {
  const single = (await measure('small-1')).rows;
  const parallel = (await measure('small-32')).rows;
  const many = (await measure('large-1')).rows;
  const large = (await measure('large-32')).rows;
  const updates = await measureUpdates();
  const times = (own: Row, other: Row): string => `${(own.perSecond / other.perSecond).toFixed(2)} times`;
  const claims: readonly Claim[] = [
    {
      claim: '40–60 % less latency',
      how: 'median of a small call, one at a time',
      measured: pairs(single, (own, other) => less(own.p50Us, other.p50Us)),
    },
    { claim: '2–3 times the throughput', how: 'small calls, 32 at once', measured: pairs(parallel, times) },
    { claim: '2–3 times the throughput', how: 'answers of 100 entries, 32 at once', measured: pairs(large, times) },
    {
      claim: '15–25 % smaller payloads',
      how: 'octets of the answer',
      measured: payloads().map(
        ({ name, protobuf, json, protobufGzipped, jsonGzipped }) =>
          `${name}: ${less(protobuf, json)}; gzipped ${less(protobufGzipped, jsonGzipped)}`,
      ),
    },
    {
      claim: 'a batch is 70 % faster than polling',
      how: `one call for ${batch} entries instead of ${batch} calls for one`,
      measured: batching(single, many, parallel),
    },
    {
      claim: 'updates of a stream arrive within 50 ms, within 100 ms',
      how: 'age of an update when the client has decoded it, one every 10 ms, 32 streams on one connection',
      measured: updates.map(
        ({ name, p50, p99, longest, count }) =>
          `${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${longest.toFixed(1)} ms of ${count.toLocaleString('en')}`,
      ),
    },
  ];
  return [
    '| claim | how it was measured | measured |',
    '|---|---|---|',
    ...claims.map(({ claim, how, measured }) => `| ${claim} | ${how} | ${measured.join('<br>')} |`),
  ].join('\n');
}
