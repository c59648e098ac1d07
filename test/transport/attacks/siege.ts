// What must hold during and after every attack, whatever it is: the target lives, callers on another connection are served
// without one failure, memory stays within a bound while it goes on, and returns once it is over.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { MEBIBYTE } from './attacks.ts';

/** What a target says of itself, after a collection of garbage. */
export interface Look {
  /** Resident set, in octets. */
  readonly memory: number;
  /** What V8 and its buffers hold, in octets. */
  readonly held: number;
  readonly counters?: Readonly<Record<string, number>>;
  /** Anything else that a siege asks for. */
  readonly [more: string]: unknown;
}

/** A target in a process of its own: its first line is JSON (where it is), then a line of JSON for every line on stdin. */
export class Victim<Address> {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #address: Address | undefined;

  constructor(program: string, env: Readonly<Record<string, string>> = {}) {
    // The young generation of a service on a laptop: with V8's own bound, garbage that nobody holds would be counted as held.
    this.#child = spawn(process.execPath, ['--expose-gc', '--max-semi-space-size=2', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    if (this.#child.stdout === null) throw new Error('no stdout');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async start(): Promise<Address> {
    this.#address ??= JSON.parse((await this.#lines.next()).value ?? 'null');
    if (!this.#address) throw new Error('the victim ended before it was there');
    return this.#address;
  }

  async look(): Promise<Look> {
    assert.equal(this.#child.exitCode, null, 'the process has ended');
    this.#child.stdin?.write('\n');
    return JSON.parse((await this.#lines.next()).value);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#child.stdin?.end();
    await gone;
  }
}

/** Answers `look` in the victim's process, from now on. */
export function answerLooks(more: () => object = () => ({})): void {
  process.stdin.on('data', () => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ memory: rss, held: heapUsed + external, ...more() }));
  });
  process.stdin.on('end', () => process.exit(0));
}

/** A siege: who is attacked, and who calls meanwhile. */
export interface SiegeOptions {
  /** Starts target and callers. */
  start(): Promise<void>;
  look(): Promise<Look>;
  /** One honest call on a connection of its own; rejects when it is not served. */
  honest(): Promise<unknown>;
  stop(): Promise<void>;
}

/** One attack on it. */
export interface Assault {
  readonly name: string;
  /** Counter of the target that must have moved. @default - none */
  readonly counter?: string;
  /** Runs it; the answer ends what it holds. */
  run(): Promise<{ close(): void } | undefined>;
  /** How much more resident memory it may take at its height, in MiB. @default 48 */
  readonly memoryMiB?: number;
  /** How much more may be held once it is over, in MiB. @default 8 */
  readonly heldMiB?: number;
}

/** How long memory may take to return. */
const returnMs = 20_000;
/** Between two calls of the honest caller, in milliseconds. */
const honestPauseMs = 10;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Declares a test for each of the attacks. */
export function siege(options: SiegeOptions, assaults: readonly Assault[]): void {
  let served = 0;
  let failures: string[] = [];
  let running = true;
  let caller: Promise<void> | undefined;

  before(async () => {
    await options.start();
    caller = (async () => {
      while (running) {
        await options.honest().then(
          () => served++,
          (error: Error) => failures.push(error.message),
        );
        await pause(honestPauseMs);
      }
    })();
    while (served === 0 && failures.length === 0) await pause(5);
  });

  after(async () => {
    running = false;
    await caller;
    await options.stop();
  });

  for (const { name, counter, run, memoryMiB = 48, heldMiB = 8 } of assaults) {
    test(name, async (context) => {
      const first = await options.look();
      const before = served;
      failures = [];
      const began = performance.now();
      const holding = await run();
      // An attack that is over before the honest caller's next call shows nothing until that call has come.
      const shown = performance.now() - began < 10 * honestPauseMs ? began + returnMs : 0;
      while (served === before && failures.length === 0 && performance.now() < shown) await pause(honestPauseMs);
      const height = await options.look();
      holding?.close();
      if (counter !== undefined) {
        assert.ok((height.counters?.[counter] ?? 0) > (first.counters?.[counter] ?? 0), `${counter} counts nothing`);
      }
      const grown = (height.memory - first.memory) / MEBIBYTE;
      assert.ok(grown < memoryMiB, `${grown.toFixed()} MiB more, of ${memoryMiB} that it may take`);
      await options.honest();
      assert.deepEqual(failures, [], `${failures.length} honest calls failed, ${served - before} were served`);
      assert.ok(served > before, 'no honest call was served meanwhile');
      const end = performance.now() + returnMs;
      let left = Number.POSITIVE_INFINITY;
      while (left >= heldMiB && performance.now() < end) {
        left = ((await options.look()).held - first.held) / MEBIBYTE;
        if (left >= heldMiB) await pause(250);
      }
      assert.ok(left < heldMiB, `${left.toFixed(1)} MiB are still held after ${returnMs / 1000} s, of ${heldMiB}`);
      context.diagnostic(`${grown.toFixed()} MiB at its height, ${left.toFixed(1)} MiB after it`);
    });
  }
}

/** Declares a test for each of the attacks, under the names of its parts; the target and its callers stand through all of them. */
export function siegeInParts(
  options: SiegeOptions,
  parts: readonly { readonly name: string; readonly assaults: readonly Assault[] }[],
): void {
  let started: Promise<void> | undefined;
  const standing = {
    start() {
      started ??= options.start();
      return started;
    },
    look: () => options.look(),
    honest: () => options.honest(),
    stop: async () => {},
  };
  after(() => options.stop());
  for (const { name, assaults } of parts) describe(name, () => siege(standing, assaults));
}
