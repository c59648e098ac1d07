// A service's process as a pod or a person starts it: exit codes and what they are told.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Runs the entry with nothing but these variables. */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env, timeout: 30_000 }, (error, _stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, said: stderr });
    });
  });
}

describe('the process of a service', { concurrency: true }, () => {
  it('says how it is used when no service is named', async () => {
    const { code, said } = await run([]);
    assert.equal(code, 64);
    assert.match(said, /usage: node kit\/run\/main\.ts <service>/);
  });

  it('says that there is no such service, and follows no path', async () => {
    for (const name of ['nothing', '../kit/run']) {
      const { code, said } = await run([name]);
      assert.equal(code, 64);
      assert.match(said, /there is no service '/);
    }
  });

  it('stops at a bad environment, names all of it and shows no secret', async () => {
    const { code, said } = await run(['payment'], { DATABASE_URL: 'hunter2', LOG_LEVEL: 'loud' });
    assert.equal(code, 78);
    for (const name of ['DATABASE_URL', 'EVENT_LOG_URL', 'LOG_LEVEL']) assert.match(said, new RegExp(`${name} `));
    assert.match(said, /for example postgres:/);
    assert.doesNotMatch(said, /hunter2/);
  });
});
