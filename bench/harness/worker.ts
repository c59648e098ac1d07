// One process of a contender: `worker.ts serve MODULE` or `worker.ts drive MODULE LISTENING SHAPE CONCURRENCY`.
// Answers messages of the runner over IPC: `{ round: ms }` with calls, CPU and latencies, `{ cpu: true }` with what a server used.

import { readFileSync } from 'node:fs';

type Call = () => Promise<unknown>;

/** What `serve` of a contender resolves with; all of it is given to `connect`. */
interface Listening {
  readonly port: number;
  /** Credential of the calls, where the server asks for one. */
  readonly token?: string;
  /** A process whose CPU time counts as the server's. */
  readonly helper?: number;
}

interface ContenderModule {
  serve(): Promise<Listening>;
  connect(server: Listening): Promise<Readonly<Record<string, Call>>>;
}

const [role, module = '', listening = '{}', shape = '', concurrency = '1'] = process.argv.slice(2);
const contender = (await import(module)) as ContenderModule;
let helper: number | undefined;
let before = 0;

/** CPU time of another process in microseconds, counted by Linux in hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** CPU time since the last question, in microseconds. */
function cpuSince(): number {
  const { user, system } = process.cpuUsage();
  const now = user + system + (helper === undefined ? 0 : cpuOf(helper));
  const used = now - before;
  before = now;
  return used;
}

async function round(call: Call, milliseconds: number): Promise<Readonly<Record<string, number>>> {
  const latencies: number[] = [];
  let failures = 0;
  const started = performance.now();
  const end = started + milliseconds;
  const lane = async (): Promise<void> => {
    for (let begun = performance.now(); begun < end; ) {
      let answer: unknown;
      let answered = true;
      try {
        answer = await call();
      } catch (error) {
        answered = false;
        if (failures++ === 0) process.stderr.write(`${module}: ${error instanceof Error ? error.stack : error}\n`);
        // A contender that fails at once must not keep the loop from its timers.
        await new Promise((resolve) => setImmediate(resolve));
      }
      const now = performance.now();
      if (answered) latencies.push(shape === 'updates' ? Number(answer) : now - begun);
      begun = now;
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, lane));
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuSince();
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 1000;
  return { calls: sorted.length, failures, seconds, p50: at(0.5), p99: at(0.99), longest: at(1), cpu };
}

if (role === 'serve') {
  const facts = await contender.serve();
  helper = facts.helper;
  process.on('message', () => process.send?.({ cpu: cpuSince(), rss: process.memoryUsage().rss }));
  process.send?.(facts);
} else {
  const call = (await contender.connect(JSON.parse(listening) as Listening))[shape];
  if (call === undefined) throw new Error(`${module} has no ${shape}`);
  await call();
  process.on('message', async (message: { readonly round: number }) => {
    cpuSince();
    process.send?.(await round(call, message.round));
  });
  process.send?.({ ready: 1 });
}
process.on('disconnect', () => process.exit(0));
