// The launcher as a person uses it: start, look, start twice, crash, stop, kill. Two small services stand for all of them.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processIdentity } from '#kit/database/embedded/process-identity.ts';
import { childrenOf, descendantsOf } from '../test/process-family.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const parent = mkdtempSync(join(tmpdir(), 'fairlead launcher '));
const data = join(parent, 'data');
const launchers = new Set<Launcher>();

class Launcher {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';
  #heard = (): void => {};

  constructor(...options: readonly string[]) {
    this.child = spawn(process.execPath, [main, '--data', data, ...options], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.ended = once(this.child, 'exit').then(([code]) => code as number | null);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        this.output += `${line}\n`;
        this.#heard();
      });
    }
    launchers.add(this);
  }

  /** Waits for words in what it wrote; fails with all of it when it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      const heard = new Promise<boolean>((resolve) => (this.#heard = () => resolve(true)));
      const more = await Promise.race([heard, this.ended.then(() => false)]);
      if (!more && !pattern.test(this.output))
        assert.fail(`the launcher ended without saying ${pattern}:\n${this.output}`);
    }
  }

  /** Process ids of its services, by name. */
  services(): Map<string, number> {
    const found = new Map<string, number>();
    for (const { pid, command } of childrenOf(this.child.pid)) {
      const match = /child\.ts (\S+)$/.exec(command);
      if (match !== null) found.set(match[1] ?? '', pid);
    }
    return found;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    const code = await this.ended;
    launchers.delete(this);
    return code;
  }
}

async function gone(pids: Iterable<number>): Promise<void> {
  for (const pid of pids) while (processIdentity(pid) !== undefined) await sleep(20);
}

const services = ['--only', 'payment,shipping'];

describe('npm start', () => {
  let launcher: Launcher;
  let pids: Map<string, number>;
  before(async () => {
    launcher = new Launcher(...services);
    await launcher.says(/Ready after|Not ready/);
    pids = launcher.services();
  });
  after(async () => {
    for (const left of launchers) left.child.kill('SIGKILL');
    rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  it('shows every version of every service with address and health', () => {
    assert.match(launcher.output, /Ready after/);
    assert.match(launcher.output, /^ {2}payment +v1 +unix:\S+ +http:\S+ +SERVING/m);
    assert.match(launcher.output, /^ {2}payment +v2 +unix:\S+ +http:\S+ +SERVING/m);
    assert.match(launcher.output, /^ {2}shipping +v1 +unix:\S+ +http:\S+ +SERVING/m);
    assert.equal(pids.size, 2, 'payment twice under one name, shipping once');
  });

  it('refuses a second start with the same data, and says who has it', async () => {
    const second = new Launcher(...services);
    assert.equal(await second.ended, 64);
    assert.match(second.output, new RegExp(`runs already with the data in .*process ${launcher.child.pid}`));
  });

  it('names what is wrong with the command line', async () => {
    const unknown = new Launcher('--only', 'nonsense');
    assert.equal(await unknown.ended, 64);
    assert.match(unknown.output, /no service 'nonsense'; there are .*payment/);
    const port = new Launcher('--port', '99999');
    assert.equal(await port.ended, 64);
    assert.match(port.output, /--port takes a number/);
  });

  it('starts a service again that was killed, and says so', async () => {
    const pid = pids.get('shipping');
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    await launcher.says(/shipping-v1 ended \(signal SIGKILL\); started again in 0\.5 s/);
    const [, admin = ''] = await launcher.says(/^ {2}shipping +v1 +unix:\S+ +(http:\S+)/m);
    const ready = (): Promise<boolean> =>
      fetch(`${admin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await ready())) await sleep(50);
  });

  it('stops everything when it is asked to, and keeps the data for the next start', async () => {
    const before = launcher.services();
    assert.equal(await launcher.end('SIGTERM'), 0);
    assert.match(launcher.output, /SIGTERM: draining.*stopped/s);
    for (const pid of before.values()) assert.equal(processIdentity(pid), undefined);

    const next = new Launcher('--only', 'shipping');
    await next.says(/Ready after/);
    assert.doesNotMatch(next.output, /first start/);
    const children = next.services();
    assert.ok(children.size > 0);
    await next.end('SIGKILL');
    await gone(children.values());

    const last = new Launcher('--fresh', '--yes', '--only', 'shipping');
    await last.says(/first start.*Ready after/s);
    assert.equal(await last.end('SIGINT'), 0);
  });

  it('stops when the program that started it over a channel is killed', async () => {
    const words = JSON.stringify([main, '--data', data, '--only', 'shipping']);
    const script = `
      import { spawn } from 'node:child_process';
      import { createInterface } from 'node:readline';
      const child = spawn(process.execPath, ${words}, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      createInterface(child.stdout).on('line', (line) => {
        if (line.includes('Ready after')) console.log(child.pid);
      });`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
    const started = descendantsOf([Number(line)]).map(({ pid }) => pid);
    owner.kill('SIGKILL');
    await gone([Number(line), ...started]);
    assert.ok(started.length > 1, 'a service and PostgreSQL');
  });
});
