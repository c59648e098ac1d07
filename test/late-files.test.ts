// A test file that passes and never ends is killed, and its run goes on and says that it failed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';

// A run within a test is refused by node:test, so the run is a process of its own.
const program = `
import { run } from 'node:test';
import { killLateFiles } from ${JSON.stringify(new URL('./late-files.ts', import.meta.url).href)};
const files = process.argv.slice(2);
const stream = run({ files, concurrency: 2 });
killLateFiles(stream, new Set(files), 2000);
const outcome = {};
for await (const { type, data } of stream)
  if (type === 'test:pass' || type === 'test:fail') outcome[data.name] = type;
process.stdout.write(JSON.stringify(outcome));
`;

it('kills a file that never ends, and no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead late '));
  try {
    const late = join(folder, 'late.test.mjs');
    const quick = join(folder, 'quick.test.mjs');
    writeFileSync(late, `import { it } from 'node:test'; it('late', () => {}); setInterval(() => {}, 1000);`);
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
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
