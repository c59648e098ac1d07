// One service as a process: started, watched, started again when it crashed, drained at the end.
// Restarts wait longer each time; a process that was well for a minute has earned a quick one again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Instance } from '../find-services.ts';

/** Where a process is in its life. */
export type ProcessState = 'waiting' | 'starting' | 'ready' | 'crashed' | 'stopped';

/** Options of {@link ServiceProcess}. */
export interface ServiceProcessOptions {
  readonly instance: Instance;
  /** Environment, all of it; asked for at each start. */
  readonly env: () => Promise<Readonly<Record<string, string | undefined>>>;
  /** Port of the admin HTTP server in that environment. */
  readonly adminPort: () => number;
  /** File for what it writes. */
  readonly logFile: string;
  /** Told of every line that it writes. */
  readonly onLine: (instance: Instance, line: string) => void;
  /** Told what happened, in words. */
  readonly onNews: (instance: Instance, news: string) => void;
  /** Told when it begins to take calls, and when it is gone. */
  readonly onReady: (ready: boolean) => void;
}

const entry = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Small heaps: a laptop runs a dozen of these. The numbers are MiB. */
const nodeFlags = ['--max-semi-space-size=2', '--max-old-space-size=256', '--no-warnings'];
const firstBackoffMs = 500;
const longestBackoffMs = 30_000;
const wellAfterMs = 60_000;
const drainMs = 25_000;
const lastWordsMs = 250;
/** Exit code for a bad environment (sysexits.h): starting again would change nothing. */
const configCode = 78;

/** See the head of the file. */
export class ServiceProcess {
  readonly instance: Instance;
  readonly #options: ServiceProcessOptions;
  readonly #stopping = new AbortController();
  readonly #log: WriteStream;
  #state: ProcessState = 'waiting';
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ServiceProcessOptions) {
    this.instance = options.instance;
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
  }

  get state(): ProcessState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it; resolves when it is ready, or has failed for the first time. */
  start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running = this.#run(resolve).finally(resolve);
    return promise;
  }

  /** Drains it; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== undefined) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), drainMs);
      await this.#running;
      clearTimeout(late);
    }
    await this.#running;
    this.#state = 'stopped';
    this.#log.end();
  }

  async #run(settled: () => void): Promise<void> {
    const { signal } = this.#stopping;
    let wait = firstBackoffMs;
    while (!signal.aborted) {
      const startedAt = performance.now();
      this.#state = 'starting';
      const ended = await this.#once(settled);
      if (signal.aborted) return;
      settled();
      this.#state = 'crashed';
      if (ended === `exit code ${configCode}`) {
        return this.#options.onNews(
          this.instance,
          `has a bad environment and stays down; see ${this.#options.logFile}`,
        );
      }
      if (performance.now() - startedAt > wellAfterMs) wait = firstBackoffMs;
      this.#options.onNews(
        this.instance,
        `ended (${ended}); started again in ${wait / 1000} s; log: ${this.#options.logFile}`,
      );
      await sleep(wait, undefined, { signal }).catch(() => {});
      wait = Math.min(wait * 2, longestBackoffMs);
    }
  }

  /** One life of the process; gives how it ended. */
  async #once(settled: () => void): Promise<string> {
    const env = await this.#options.env();
    if (this.#stopping.signal.aborted) return 'not started';
    const child = spawn(process.execPath, [...nodeFlags, entry, this.instance.service], {
      env: { ...env },
      // The channel is what tells it that the launcher is gone. A session of its own: Ctrl-C is the launcher's to handle.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#line(line));
    }
    const end = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      // Not 'close': it waits for the ends of all pipes, which now and then are never told, and the process is gone all the same.
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    void this.#watch(child, settled);
    const how = await end;
    // Its last words may still be in the pipes.
    await Promise.race([once(child, 'close').catch(() => {}), sleep(lastWordsMs, undefined, { ref: false })]);
    this.#child = undefined;
    this.#options.onReady(false);
    return how;
  }

  async #watch(child: ChildProcess, settled: () => void): Promise<void> {
    const alive = (): boolean => child.exitCode === null && child.signalCode === null && this.#child === child;
    while (alive()) {
      if (await this.#answers()) {
        if (alive()) {
          this.#state = 'ready';
          this.#options.onReady(true);
        }
        return settled();
      }
      await sleep(60);
    }
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const request = get({
        host: '127.0.0.1',
        port: this.#options.adminPort(),
        path: '/readyz',
        timeout: 2_000,
        agent: false,
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
  }

  #line(line: string): void {
    this.#log.write(`${line}\n`);
    this.#options.onLine(this.instance, line);
  }
}
