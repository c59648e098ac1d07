// A run of suites that is told to end takes its suite with it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processIdentity } from '../../kit/database/embedded/process-identity.ts';
import { childrenOf } from '../process-family.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 400) assert.fail(`not within 20 s: ${what}`);
    await sleep(50);
  }
}

describe('npm run proof', () => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(`passes ${signal} on to its suite, waits for its end, and says by its exit code what ended it`, async () => {
      const run = spawn(process.execPath, [main, 'transport: soak'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let suite: number | undefined;
      try {
        await eventually('the suite runs', () => childrenOf(run.pid).length > 0);
        suite = childrenOf(run.pid)[0]?.pid;
        run.kill(signal);
        assert.deepEqual(await once(run, 'exit'), [code, null]);
        assert.equal(processIdentity(suite ?? 0), undefined, 'the suite has ended before its run');
      } finally {
        run.kill('SIGKILL');
        if (suite !== undefined && processIdentity(suite) !== undefined) process.kill(suite, 'SIGKILL');
      }
    });
  }

  it('leaves nothing of a suite that ended and left processes of its own', async () => {
    const suite = `
      import { spawn } from 'node:child_process';
      const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log(left.pid);`;
    const program = `
      import { runSuite } from ${JSON.stringify(new URL('./suite-process.ts', import.meta.url).href)};
      const options = { cwd: process.cwd(), env: process.env };
      const { interrupted } = await runSuite(['--input-type=module', '-e', ${JSON.stringify(suite)}], options);
      process.exit(interrupted);`;
    const run = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(run.stdout), 'line')) as [string];
    const left = Number(line);
    try {
      assert.notEqual(processIdentity(left), undefined);
      run.kill('SIGTERM');
      assert.deepEqual(await once(run, 'exit'), [143, null]);
      await eventually('what the suite left has ended', () => processIdentity(left) === undefined);
    } finally {
      run.kill('SIGKILL');
      if (processIdentity(left) !== undefined) process.kill(left, 'SIGKILL');
    }
  });
});
