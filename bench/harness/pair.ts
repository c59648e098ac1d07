// A contender of a benchmark as a pair of processes, one that serves and one that calls, started anew for each pair.
// Node contenders are modules with `serve()` and `connect(port)`; others bring commands that speak the same messages.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program: a module (URL), or a command. */
export type Program = URL | readonly string[];

/** What is measured. */
export interface Contender {
  readonly name: string;
  /**
   * A module whose `serve()` resolves with `{ port, token? }`, or a command that is called with `serve`, prints the same as
   * a line of JSON and answers each further line with `{ cpu, rss }`.
   */
  readonly server: Program;
  /**
   * A module whose `connect(server)` resolves with calls by shape, or a command that is called with `drive`, port, shape and
   * concurrency, says when it is ready and answers `{ round: ms }`.
   */
  readonly client: Program;
  /** Variables of both processes. @default {} */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * What is called: one small answer, one of 100 entries, a stream of 1,000, a conversation of 100 round trips; `updates` is
 * the next update of an endless stream, whose latency is its age.
 */
export type Shape = 'small' | 'large' | 'stream' | 'converse' | 'updates';

/** One round of one pair. Times in seconds, latencies and CPU in microseconds. */
export interface Round {
  readonly calls: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
  readonly serverRss: number;
}

type Reply = Readonly<Record<string, number | string>>;

/** How long a process may take to end by itself, in milliseconds. */
const patienceMs = 2_000;

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** A child process that answers one message with one message: over IPC, or as lines of JSON. */
class Peer {
  readonly #child: ChildProcess;
  readonly #replies: AsyncIterator<unknown>;
  readonly #name: string;

  constructor(name: string, what: Program, role: 'serve' | 'drive', args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#name = name;
    const node = what instanceof URL;
    const command = node ? [process.execPath, worker, role, what.href, ...args] : [...what, role, ...args];
    const [program = '', ...rest] = command;
    this.#child = spawn(program, rest, {
      stdio: node ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.#replies = (node ? this.#ipc() : this.#lines())[Symbol.asyncIterator]();
  }

  async *#ipc(): AsyncGenerator<unknown> {
    const queue: unknown[] = [];
    let wake = (): void => {};
    let gone = false;
    this.#child.on('message', (message) => {
      queue.push(message);
      wake();
    });
    this.#child.on('exit', () => {
      gone = true;
      wake();
    });
    for (;;) {
      while (queue.length > 0) yield queue.shift();
      if (gone) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async *#lines(): AsyncGenerator<unknown> {
    if (this.#child.stdout === null) return;
    for await (const line of createInterface({ input: this.#child.stdout })) yield JSON.parse(line);
  }

  async next(): Promise<Reply> {
    const { value, done } = await this.#replies.next();
    if (done) throw new Error(`${this.#name}: the process ended; its output above says why`);
    return value as Reply;
  }

  ask(message: object): Promise<Reply> {
    if (this.#child.connected) this.#child.send(message);
    else this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    return this.next();
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    // Asked first, so that what a process writes at its end is written.
    if (this.#child.connected) this.#child.disconnect();
    else this.#child.stdin?.end();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(kill);
  }
}

/** Figure of a reply that must be there. */
function figure(reply: Reply, name: string): number {
  const value = reply[name];
  if (typeof value !== 'number')
    throw new Error(`a benchmark process answered without ${name}: ${JSON.stringify(reply)}`);
  return value;
}

/** A started pair: {@link Pair.round} measures, {@link Pair.close} ends both processes. */
export class Pair {
  readonly #server: Peer;
  readonly #client: Peer;

  private constructor(server: Peer, client: Peer) {
    this.#server = server;
    this.#client = client;
  }

  static async start({ name, server, client, env }: Contender, shape: Shape, concurrency: number): Promise<Pair> {
    const serving = new Peer(`${name}, server`, server, 'serve', [], { ...env });
    try {
      const listening = await serving.next();
      const { token = '' } = listening;
      const given = client instanceof URL ? JSON.stringify(listening) : String(figure(listening, 'port'));
      const calling = new Peer(`${name}, client`, client, 'drive', [given, shape, String(concurrency)], {
        ...env,
        BENCH_TOKEN: String(token),
      });
      try {
        await calling.next();
        return new Pair(serving, calling);
      } catch (error) {
        await calling.close();
        throw error;
      }
    } catch (error) {
      await serving.close();
      throw error;
    }
  }

  /** Calls as fast as answers come for so many milliseconds. */
  async round(milliseconds: number): Promise<Round> {
    await this.#server.ask({ cpu: true });
    const client = await this.#client.ask({ round: milliseconds });
    const server = await this.#server.ask({ cpu: true });
    return {
      calls: figure(client, 'calls'),
      failures: figure(client, 'failures'),
      seconds: figure(client, 'seconds'),
      p50: figure(client, 'p50'),
      p99: figure(client, 'p99'),
      longest: figure(client, 'longest'),
      clientCpu: figure(client, 'cpu'),
      serverCpu: figure(server, 'cpu'),
      serverRss: figure(server, 'rss'),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#server.close()]);
  }
}
