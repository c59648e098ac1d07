// A contender of a benchmark as a pair of processes, one that serves and one that calls, started anew for each pair.
// Node contenders are modules with `serve()` and `connect(port)`; others bring commands that speak the same messages.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What is measured against what. */
export interface Contender {
  readonly name: string;
  /** Module (URL) with `serve()`, or a command that prints `{"port":N}` and answers `{"cpu":true}` lines. */
  readonly server: URL | readonly string[];
  /** Module (URL) with `connect(port)`, or a command that is given port, shape and concurrency. */
  readonly client: URL | readonly string[];
  /** Variables of both processes. @default {} */
  readonly env?: Readonly<Record<string, string>>;
}

/** What is called: one small answer, one of 100 entries, a stream of 1,000. */
export type Shape = 'small' | 'large' | 'stream';

/** One round of one pair. Times in seconds, latencies and CPU in microseconds. */
export interface Round {
  readonly calls: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
  readonly serverRss: number;
}

type Reply = Readonly<Record<string, number>>;

const worker = fileURLToPath(new URL('./worker.js', import.meta.url));

/** A child process that answers one message with one message: over IPC, or as lines of JSON. */
class Peer {
  readonly #child: ChildProcess;
  readonly #replies: AsyncIterator<unknown>;
  readonly #name: string;

  constructor(
    name: string,
    what: URL | readonly string[],
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    this.#name = name;
    const node = what instanceof URL;
    const command = node
      ? [process.execPath, worker, args[0] ?? '', what.href, ...args.slice(1)]
      : [...what, ...args.slice(1)];
    const [program = '', ...rest] = command;
    this.#child = spawn(program, rest, {
      stdio: node ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const messages = node ? this.#ipc() : this.#lines();
    this.#replies = messages[Symbol.asyncIterator]();
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
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Field of a reply that must be there. */
function figure(reply: Reply, name: string): number {
  const value = reply[name];
  if (value === undefined) throw new Error(`a benchmark process answered without ${name}: ${JSON.stringify(reply)}`);
  return value;
}

/** A started pair: {@link Pair.round} measures, {@link Pair.close} ends both processes. */
export class Pair {
  readonly contender: Contender;
  readonly #server: Peer;
  readonly #client: Peer;

  private constructor(contender: Contender, server: Peer, client: Peer) {
    this.contender = contender;
    this.#server = server;
    this.#client = client;
  }

  static async start(contender: Contender, shape: Shape, concurrency: number): Promise<Pair> {
    const env = contender.env ?? {};
    const server = new Peer(`${contender.name} server`, contender.server, ['serve'], env);
    const port = figure(await server.next(), 'port');
    const client = new Peer(
      `${contender.name} client`,
      contender.client,
      ['drive', String(port), shape, String(concurrency)],
      env,
    );
    await client.next();
    return new Pair(contender, server, client);
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
      clientCpu: figure(client, 'cpu'),
      serverCpu: figure(server, 'cpu'),
      serverRss: figure(server, 'rss'),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#server.close()]);
  }
}
