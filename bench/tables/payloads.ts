// Octets of the same answers as protobuf and as JSON, as they are and gzipped.
import { gzipSync } from 'node:zlib';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { first, leaderboards, protoFile, protoFolders } from '../workload.ts';

/** One answer in both encodings. */
export interface Payload {
  readonly name: string;
  readonly protobuf: number;
  readonly json: number;
  readonly protobufGzipped: number;
  readonly jsonGzipped: number;
}

type Methods = Readonly<Record<string, MethodDefinition<object, object>>>;

/** The small and the large answer. */
export function payloads(): readonly Payload[] {
  const loaded = loadSync(protoFile, { includeDirs: [...protoFolders], longs: Number });
  const methods = loaded['fairlead.bench.v1.BenchService'] as unknown as Methods;
  const sizes = (name: string, method: string, answer: object): Payload => {
    const protobuf = methods[method]?.responseSerialize(answer) ?? Buffer.alloc(0);
    const json = Buffer.from(JSON.stringify(answer));
    return {
      name,
      protobuf: protobuf.length,
      json: json.length,
      protobufGzipped: gzipSync(protobuf).length,
      jsonGzipped: gzipSync(json).length,
    };
  };
  return [
    sizes('one entry', 'GetScore', { entry: first }),
    sizes('100 entries', 'GetLeaderboard', { entries: leaderboards.get(100) }),
  ];
}

/** The table as Markdown. */
export function payloadsTable(): string {
  const less = (small: number, large: number): string => `${Math.round((1 - small / large) * 100)} %`;
  const rows = payloads().map(
    ({ name, protobuf, json, protobufGzipped, jsonGzipped }) =>
      `| ${name} | ${protobuf} | ${json} | ${less(protobuf, json)} | ${protobufGzipped} | ${jsonGzipped} | ${less(protobufGzipped, jsonGzipped)} |`,
  );
  return [
    '| answer | protobuf | JSON | less | protobuf, gzipped | JSON, gzipped | less |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}
