// `npm run bench:mesh`: calls a second and latency through the laptop mesh against direct, in pairs of fresh processes.
// Options: `--seconds N` a run, `--pairs N`, `--concurrency N`, `--minutes N` for the memory run instead, `--write` into the docs.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    pairs: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '32' },
    minutes: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

type Library = 'transport' | 'grpc-js';
interface Usage {
  readonly cpu: NodeJS.CpuUsage;
  readonly rss: number;
  /** The mesh's V8 heap in use. */
  readonly heap?: number;
}
interface Result {
  readonly callsPerSecond: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of CPU a call. */
  readonly cpu: { readonly client: number; readonly server: number; readonly mesh: number };
}

const start = (script: string, ...words: string[]): ChildProcess =>
  fork(fileURLToPath(new URL(script, import.meta.url)), words);
const message = async <T>(child: ChildProcess): Promise<T> => ((await once(child, 'message')) as [T])[0];
const total = ({ user, system }: NodeJS.CpuUsage): number => user + system;

async function usage(child: ChildProcess | undefined): Promise<Usage | undefined> {
  if (child === undefined) return undefined;
  child.send('usage');
  return message<Usage>(child);
}

async function measure(library: Library, throughMesh: boolean, seconds: string): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const children: ChildProcess[] = [];
  try {
    let target = '127.0.0.1:50999';
    let listen = target;
    let proxy: string[] = [];
    let mesh: ChildProcess | undefined;
    if (throughMesh) {
      mesh = start('./mesh-process.ts', folder);
      children.push(mesh);
      const ready = await message<{ proxyUrl: string; listen: string }>(mesh);
      listen = ready.listen;
      target = 'payment.shop.svc.cluster.local:50051';
      proxy = [ready.proxyUrl];
    }
    const server = start('./echo-server.ts', library, listen);
    children.push(server);
    await message(server);
    const client = start('./load-client.ts', library, target, values.concurrency, seconds, ...proxy);
    children.push(client);
    await message(client);
    const before = [await usage(server), await usage(mesh)];
    client.send('go');
    const result = await message<{
      calls: number;
      failed: number;
      elapsedMs: number;
      p50: number;
      p99: number;
      cpu: NodeJS.CpuUsage;
    }>(client);
    const after = [await usage(server), await usage(mesh)];
    const spent = (index: number): number => {
      const [from, to] = [before[index], after[index]];
      return from === undefined || to === undefined ? 0 : (total(to.cpu) - total(from.cpu)) / result.calls;
    };
    return {
      callsPerSecond: (result.calls * 1000) / result.elapsedMs,
      failed: result.failed,
      p50: result.p50,
      p99: result.p99,
      cpu: { client: total(result.cpu) / result.calls, server: spent(0), mesh: spent(1) },
    };
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;

function row(name: string, results: readonly Result[]): string {
  const of = (value: (result: Result) => number): number => median(results.map(value));
  const spent = `${of((each) => each.cpu.client).toFixed(0)} + ${of((each) => each.cpu.mesh).toFixed(0)} + ${of((each) => each.cpu.server).toFixed(0)}`;
  const failed = results.reduce((sum, each) => sum + each.failed, 0);
  return `| ${name} | ${of((each) => each.callsPerSecond).toFixed(0)} | ${of((each) => each.p50).toFixed(2)} | ${of((each) => each.p99).toFixed(2)} | ${spent} | ${failed} |`;
}

async function table(): Promise<void> {
  const kinds: [name: string, library: Library, throughMesh: boolean][] = [
    ['transport, direct', 'transport', false],
    ['transport, through the mesh', 'transport', true],
    ['grpc-js, direct', 'grpc-js', false],
    ['grpc-js, through the mesh', 'grpc-js', true],
  ];
  const results = new Map<string, Result[]>(kinds.map(([name]) => [name, []]));
  for (let pair = 0; pair < Number(values.pairs); pair++)
    for (const [name, library, throughMesh] of kinds)
      results.get(name)?.push(await measure(library, throughMesh, values.seconds));
  const rate = (name: string): number[] => (results.get(name) ?? []).map((each) => each.callsPerSecond);
  const ratio = (over: string, under: string): string =>
    median(rate(over).map((value, index) => value / (rate(under)[index] ?? 1))).toFixed(2);
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`;
  const runs = `${values.concurrency} at once, ${values.pairs} rounds of ${values.seconds} s, medians`;
  const lines = [
    `${new Date().toISOString().slice(0, 10)}, \`npm run bench:mesh\`: unary calls of 100 octets, ${runs}; ${machine}.`,
    '',
    '| | calls/s | p50 ms | p99 ms | CPU µs a call: client + mesh + server | failed |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...kinds.map(([name]) => row(name, results.get(name) ?? [])),
    '',
    'Ratios are medians over pairs:',
    '',
    `- transport through the mesh to transport direct: ${ratio('transport, through the mesh', 'transport, direct')}`,
    `- transport through the mesh to bare grpc-js: ${ratio('transport, through the mesh', 'grpc-js, direct')}`,
    `- grpc-js through the mesh to bare grpc-js: ${ratio('grpc-js, through the mesh', 'grpc-js, direct')}`,
  ];
  console.log(lines.join('\n'));
  if (values.write) await writeInto(fileURLToPath(new URL('../../docs/mesh-testing.md', import.meta.url)), lines);
}

/** Figures in the docs are written by the bench, between its markers. */
async function writeInto(page: string, lines: readonly string[]): Promise<void> {
  const [before = '', rest = ''] = (await readFile(page, 'utf8')).split('<!-- bench:mesh -->');
  const after = rest.split('<!-- /bench:mesh -->')[1] ?? '';
  await writeFile(page, `${before}<!-- bench:mesh -->\n${lines.join('\n')}\n<!-- /bench:mesh -->${after}`);
}

/** Resident memory of the mesh under load, once every ten seconds. */
async function memory(minutes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const mesh = start('./mesh-process.ts', folder);
  const ready = await message<{ proxyUrl: string; listen: string }>(mesh);
  const server = start('./echo-server.ts', 'transport', ready.listen);
  await message(server);
  const client = start(
    './load-client.ts',
    'transport',
    'payment.shop.svc.cluster.local:50051',
    values.concurrency,
    String(minutes * 60),
    ready.proxyUrl,
  );
  await message(client);
  client.send('go');
  const done = message<{ calls: number; failed: number }>(client);
  const sizes: string[] = [];
  const mib = (octets: number): number => Math.round(octets / 1_048_576);
  const timer = setInterval(async () => {
    const now = await usage(mesh);
    sizes.push(`${mib(now?.rss ?? 0)}/${mib(now?.heap ?? 0)}`);
  }, 10_000);
  const { calls, failed } = await done;
  clearInterval(timer);
  console.log(`${calls} calls, ${failed} failed; resident/heap MiB of the mesh every 10 s: ${sizes.join(' ')}`);
  for (const child of [mesh, server, client]) if (child.connected) child.disconnect();
  await rm(folder, { recursive: true, force: true });
}

if (values.minutes === undefined) await table();
else await memory(Number(values.minutes));
