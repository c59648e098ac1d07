// Runs the fourteen cases in pairings of a client and a server, either of which may be a program, and counts.
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { type Caller, cases } from './cases.ts';

/** A program with its parameters. */
export type Command = readonly [string, ...string[]];

const names = Object.keys(cases);

const text = async (child: ChildProcess): Promise<{ readonly status: number; readonly text: string }> => {
  let all = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (part: Buffer) => {
      all += part.toString();
    });
  }
  const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  return { status, text: all };
};

/** A port of this machine that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Resolves once something takes connections on the port, for half a minute at most. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const taken = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (taken) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on port ${port} after 30 s`);
}

export class Pairings {
  passed = 0;
  total = 0;

  /** The cases on a client of ours. */
  async ours(pairing: string, caller: Caller): Promise<void> {
    const failed: string[] = [];
    for (const [name, run] of Object.entries(cases)) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no end in 10 s')), 10_000);
      });
      await Promise.race([run(caller), late]).catch((error: Error) => failed.push(`${name}: ${error.message}`));
      clearTimeout(timer);
    }
    this.#report(pairing, failed);
  }

  /** The cases by a client program, run once for each. */
  async theirs(pairing: string, command: (name: string) => Command): Promise<void> {
    const failed: string[] = [];
    for (const name of names) {
      const [program, ...parameters] = command(name);
      const { status, text: output } = await text(spawn(program, parameters, { timeout: 20_000 }));
      if (status !== 0) failed.push(`${name}: ${output.trim().split('\n').at(-1)}`);
    }
    this.#report(pairing, failed);
  }

  /** Runs `use` while a server program listens on a port. */
  async against(command: (port: number) => Command, use: (port: number) => Promise<void>): Promise<void> {
    const port = await freePort();
    const [program, ...parameters] = command(port);
    const child = spawn(program, parameters, { stdio: 'ignore' });
    try {
      await listening(port);
      await use(port);
    } finally {
      child.kill();
    }
  }

  #report(pairing: string, failed: readonly string[]): void {
    this.total += names.length;
    this.passed += names.length - failed.length;
    console.log(`${pairing}: ${names.length - failed.length} of ${names.length}`);
    for (const line of failed) console.log(`  ${line}`);
  }
}
