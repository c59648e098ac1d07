// What an image keeps of node_modules: what the process can reach, and all that it needs; nothing for laptops.
// Run on a folder with packages of our own making, because it deletes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'keep-modules-'));
after(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
const dependsOn = (...names: string[]): string =>
  JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '*'])) });

write('package.json', JSON.stringify({ imports: { '#kit/*': './kit/*' } }));
write('kit/run/main.ts', "import type { Never } from 'types-only';\nconst { x } = await import('./later.ts');\n");
write('kit/run/later.ts', "import { a } from '#kit/a.ts';\nimport 'node:fs';\n");
write('kit/a.ts', "import {\n  one,\n  two,\n} from 'direct';\nimport scoped from '@scope/package/deep.js';\n");
write('services/payment/service.ts', "import mail from 'of-the-service';\n");
write('services/other/service.ts', "import x from 'of-another';\n");
write('node_modules/direct/package.json', dependsOn('indirect'));
write('node_modules/direct/index.d.ts', '');
write('node_modules/direct/index.js', '');
write('node_modules/indirect/package.json', dependsOn());
write('node_modules/@scope/package/package.json', dependsOn());
write('node_modules/@scope/other/package.json', dependsOn());
for (const name of ['of-the-service', 'of-another', 'types-only', 'laptop-database']) {
  write(`node_modules/${name}/package.json`, dependsOn());
}

test('keeps what one service reaches, with all that it depends on, and removes the rest', () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('keep-modules.js', import.meta.url)), 'payment'], {
    cwd: folder,
  });
  const has = (path: string): boolean => existsSync(join(folder, 'node_modules', path));
  for (const name of ['direct', 'indirect', '@scope/package', 'of-the-service']) assert.ok(has(name), name);
  for (const name of ['@scope/other', 'of-another', 'types-only', 'laptop-database']) assert.ok(!has(name), name);
  assert.ok(has('direct/index.js'));
  assert.ok(!has('direct/index.d.ts'), 'types are for people who read');
});
