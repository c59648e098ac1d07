// Table 4: how long the platform takes until it serves, what it holds in memory, and how fast one service is there.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Plan, spread } from '../harness/compare.ts';

const launcher = fileURLToPath(new URL('../../laptop/main.ts', import.meta.url));
const worker = fileURLToPath(new URL('../harness/worker.ts', import.meta.url));
const kit = new URL('../contenders/kit.ts', import.meta.url).href;
/** A platform that is not ready by then will not be. */
const patienceMs = 180_000;

interface Started {
  readonly seconds: number;
  /** Proportional set size of all processes, as the launcher says it. */
  readonly memory: string;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Starts the platform on a data folder and stops it when it is ready. */
async function startPlatform(data: string): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [launcher, '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  const late = setTimeout(() => child.kill('SIGINT'), patienceMs);
  let memory = '-';
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      said += `${line}\n`;
      memory = /memory of all processes: (\S+ \S+)/.exec(line)?.[1] ?? memory;
      if (line.startsWith('Ready after')) return { seconds: (performance.now() - began) / 1000, memory };
      if (line.startsWith('Not ready:')) break;
    }
    throw new Error(`the platform did not start:\n${said}`);
  } finally {
    clearTimeout(late);
    await end(child, 'SIGINT');
  }
}

/** Milliseconds from the start of a process until the kit's benchmark service listens in it. */
async function coldStart(): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [worker, 'serve', kit], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(child, 'message');
  const took = performance.now() - began;
  await end(child, 'SIGKILL');
  return took;
}

/** The table as Markdown. */
export async function startUpTable(plan: Plan): Promise<string> {
  const cold: number[] = [];
  for (let round = 0; round < 5; round++) {
    plan.tell(`cold start of one service: ${round + 1} of 5`);
    cold.push(await coldStart());
  }
  const data = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  try {
    plan.tell('platform: first start');
    const first = await startPlatform(data);
    const later: Started[] = [];
    for (let round = 0; round < plan.rounds; round++) {
      plan.tell(`platform: start ${round + 2}, with its data there`);
      later.push(await startPlatform(data));
    }
    const range = (values: readonly number[], show: (value: number) => string): string => {
      const { median, min, max } = spread(values);
      return `${show(median)} (${show(min)}–${show(max)})`;
    };
    const seconds = (value: number): string => `${value.toFixed(1)} s`;
    return [
      '| what | measured |',
      '|---|---|',
      `| \`npm start\`, first, databases made | ${seconds(first.seconds)} |`,
      `| \`npm start\`, second and later, until all serve | ${range(
        later.map((each) => each.seconds),
        seconds,
      )} |`,
      `| memory of all processes of the platform, PostgreSQL and launcher included (PSS) | ${later.at(-1)?.memory ?? first.memory} |`,
      `| cold start of one service without a database, until it listens | ${range(cold, (value) => `${Math.round(value)} ms`)} |`,
    ].join('\n');
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
