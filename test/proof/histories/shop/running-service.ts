// A service of the shop and its supervisor: when its process ends, the next one starts at once.
// The next one is loaded beforehand and waits, so that a kill costs a start of the service and not one of Node.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { News, Order } from './service-process.ts';

/** Options of {@link RunningService}. */
export interface RunningServiceOptions {
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly endpoints: Readonly<Record<string, string>>;
  /** File for what its processes write. */
  readonly logFile: string;
  /** Told of every end; the next process starts when this resolves. */
  readonly onEnd: (how: string) => Promise<void>;
}

const program = fileURLToPath(new URL('./service-process.ts', import.meta.url));
const nodeFlags = ['--max-semi-space-size=2', '--max-old-space-size=256', '--no-warnings'];

/** A process, and what it has said so far. */
class Incarnation {
  readonly child: ChildProcess;
  readonly loaded = Promise.withResolvers<void>();
  readonly serving = Promise.withResolvers<void>();
  readonly ended: Promise<string>;
  #armed: (() => void) | undefined;

  constructor({ name, env, endpoints }: RunningServiceOptions, log: WriteStream) {
    this.child = spawn(process.execPath, [...nodeFlags, program, name, JSON.stringify(endpoints)], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.pipe(log, { end: false });
    this.child.stderr?.pipe(log, { end: false });
    this.child.on('message', ({ news }: News) => {
      if (news === 'loaded') this.loaded.resolve();
      if (news === 'serving') this.serving.resolve();
      if (news === 'armed') this.#armed?.();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    // Whoever waits for it goes on when it is gone.
    void this.ended.then(() => {
      this.loaded.resolve();
      this.serving.resolve();
      this.#armed?.();
    });
  }

  /** Resolves when the process has heard it, or is gone. */
  tell(order: Order): Promise<void> {
    return new Promise((resolve) => {
      if (!this.child.connected) return resolve();
      this.#armed = resolve;
      this.child.send(order, (error) => {
        if (error !== null || order.order === 'start') resolve();
      });
    });
  }
}

/** See the head of the file. */
export class RunningService {
  readonly name: string;
  /** Bug that the next process has (planted/); none when it is empty. */
  bug = '';
  readonly #options: RunningServiceOptions;
  readonly #log: WriteStream;
  #now: Incarnation;
  #next: Incarnation;
  #stopping = false;
  #running: Promise<void>;

  constructor(options: RunningServiceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    this.#now = new Incarnation(options, this.#log);
    this.#next = new Incarnation(options, this.#log);
    this.#running = this.#keep();
  }

  get pid(): number | undefined {
    return this.#now.child.pid;
  }

  /** Resolves when the present process serves, or has ended. */
  serving(): Promise<void> {
    return this.#now.serving.promise;
  }

  /** Kills the present process, wherever it is. */
  kill(): void {
    this.#now.child.kill('SIGKILL');
  }

  /** Has the present process kill itself at the n-th visit of a place. */
  arm(point: string, visit: number): Promise<void> {
    return this.#now.tell({ order: 'die', point, visit });
  }

  disarm(): Promise<void> {
    return this.#now.tell({ order: 'live' });
  }

  /** Kills it for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#next.child.kill('SIGKILL');
    this.#now.child.kill('SIGKILL');
    await this.#running;
    await this.#next.ended;
    this.#log.end();
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) {
      const { child, loaded, ended } = this.#now;
      await loaded.promise;
      if (child.connected) await this.#now.tell({ order: 'start', bug: this.bug });
      const how = await ended;
      if (this.#stopping) return;
      await this.#options.onEnd(how);
      this.#now = this.#next;
      this.#next = new Incarnation(this.#options, this.#log);
    }
  }
}
