// A test file that passes and never ends is killed with all that it started, and its run goes on and says that it failed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { processIdentity } from '../kit/database/embedded/process-identity.ts';

// A run within a test is refused by node:test, so the run is a process of its own.
const program = `
import { run } from 'node:test';
import { killLateFiles } from ${JSON.stringify(new URL('./late-files.ts', import.meta.url).href)};
const files = process.argv.slice(2);
const stream = run({ files, concurrency: 2 });
const killer = killLateFiles(stream, new Set(files), 6000, 500);
const outcome = {};
for await (const { type, data } of stream)
  if (type === 'test:pass' || type === 'test:fail') outcome[data.name] = type;
await killer.gone();
process.stdout.write(JSON.stringify(outcome));
`;

const endless = 'setInterval(() => {}, 1000);';

it('kills a file that never ends, with what it started, and no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead late '));
  try {
    const file = (name: string): string => join(folder, name);
    const [late, quick, started] = [file('late.test.mjs'), file('quick.test.mjs'), file('started')];
    // What it starts heeds nobody, has a session of its own, and has started the same once more.
    const imports = `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';`;
    const starts = (name: string): string =>
      `spawn(process.execPath, [${JSON.stringify(file(name))}], { detached: true, stdio: 'ignore' })`;
    const says = `writeFileSync(${JSON.stringify(started)}, process.pid + ' ' + pid);`;
    writeFileSync(file('second.mjs'), endless);
    writeFileSync(file('first.mjs'), `${imports} const { pid } = ${starts('second.mjs')}; ${says} ${endless}`);
    const test = `import { it } from 'node:test'; it('late', () => {});`;
    writeFileSync(late, `${imports} ${test} ${starts('first.mjs')}; ${endless}`);
    writeFileSync(quick, `import { it } from 'node:test'; it('quick', () => {});`);
    const runner = join(folder, 'run.mjs');
    writeFileSync(runner, program);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const told = execFileSync(process.execPath, [runner, late, quick], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.deepEqual(JSON.parse(told), { late: 'test:pass', quick: 'test:pass', [late]: 'test:fail' });
    const pids = readFileSync(started, 'utf8').split(' ').map(Number);
    const left = pids.filter((pid) => processIdentity(pid) !== undefined);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    assert.deepEqual([pids.length, left], [2, []], 'what the file started has ended');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
