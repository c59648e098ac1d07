// One client process: drives a scenario, then prints one line of JSON. Usage: run-client.ts PEER PORT SCENARIO
// CONCURRENCY SECONDS [CA]. Latencies are kept whole, so that percentiles are exact.
import { readFileSync } from 'node:fs';
import type { Peer } from './peer.ts';

const [name = '', port = '', scenario = '', concurrency = '1', seconds = '3', ca] = process.argv.slice(2);
const { peer } = (await import(`./peers/${name}.ts`)) as { peer: Peer };
const client = peer.client(Number(port), ca === undefined ? undefined : readFileSync(ca, 'utf8'));

const STREAM = 1_000;
const ROUND_TRIPS = 100;
const shapes: Record<string, { run: () => Promise<void> | undefined; weight: number }> = {
  unary: { run: () => client.unary(0), weight: 1 },
  large: { run: () => client.unary(262_144), weight: 1 },
  list: { run: () => client.list?.(STREAM), weight: STREAM },
  chat: { run: () => client.chat?.(ROUND_TRIPS), weight: ROUND_TRIPS },
};
const shape = shapes[scenario];
if (shape === undefined) throw new Error(`unknown scenario ${scenario}`);

const latencies: number[] = [];
let calls = 0;
let measuring = false;
let stopped = false;

async function worker(): Promise<void> {
  while (!stopped) {
    const begun = performance.now();
    await shape?.run();
    if (measuring && !stopped) {
      calls++;
      latencies.push(performance.now() - begun);
    }
  }
}

const workers = Array.from({ length: Number(concurrency) }, worker);
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
await wait(1_500);
console.log('begin');
measuring = true;
const cpuBefore = process.cpuUsage();
const begun = performance.now();
await wait(Number(seconds) * 1_000);
stopped = true;
const elapsed = (performance.now() - begun) / 1_000;
const cpu = process.cpuUsage(cpuBefore);
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
const done = calls * shape.weight;
console.log(
  JSON.stringify({
    rate: done / elapsed,
    clientCpu: (cpu.user + cpu.system) / done,
    p50: at(0.5),
    p99: at(0.99),
    done,
  }),
);
await Promise.race([Promise.all(workers), wait(2_000)]);
process.exit(0);
