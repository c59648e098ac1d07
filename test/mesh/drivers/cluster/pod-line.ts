// A line to the program in one pod: commands and answers are lines of JSON over a `kubectl exec` that stays open.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Arrivals, Observation } from '../../scenario.ts';
import type { Command } from '../../workload/program.ts';

/** Joins standard input and output to the program's own port, which is on the pod's loopback interface. */
const JOIN =
  "const s=require('net').connect(9101,'127.0.0.1');process.stdin.pipe(s);s.pipe(process.stdout);s.on('close',()=>process.exit())";

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export class PodLine {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 1;
  #said = '';

  constructor(namespace: string, pod: string) {
    const where = ['--namespace', namespace, 'exec', '--stdin', pod, '--container', 'app', '--'];
    this.#child = spawn('kubectl', [...where, 'node', '-e', JOIN]);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, result, error } = JSON.parse(line) as Answer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(`${pod}: ${error}`));
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-500);
    });
    this.#child.stdin.on('error', () => {});
    const broken = (why: string): void => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the line to pod ${pod} ended: ${why} ${this.#said}`));
      this.#waiting.clear();
    };
    this.#child.once('error', (error) => broken(error.message));
    this.#child.once('close', (code) => broken(`kubectl exec gave ${code}`));
  }

  calls(calls: NonNullable<Command['calls']>): Promise<readonly Observation[]> {
    return this.#ask({ calls }) as Promise<readonly Observation[]>;
  }

  requests(requests: NonNullable<Command['requests']>): Promise<readonly Observation[]> {
    return this.#ask({ requests }) as Promise<readonly Observation[]>;
  }

  arrivals(step: string): Promise<Arrivals> {
    return this.#ask({ arrivals: step }) as Promise<Arrivals>;
  }

  close(): void {
    this.#child.kill();
  }

  #ask(command: Omit<Command, 'id'>): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }
}
