// The example of docs/mesh.md does what the page says: ten lines become a deployed, protected service.
// The page's own text is run, so it cannot go stale.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseObjects } from '../output/charts/helm.ts';
import { at, objectOf } from './shop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/mesh.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'mesh-page-'));
after(() => rmSync(folder, { recursive: true }));

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/mesh.md has no ${language} block`);
  return found;
}

test('the example of ten lines becomes a deployed, protected service', () => {
  const code = block('ts');
  const lines = code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import'));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
  mkdirSync(join(folder, 'hello/proto/hello/v1'), { recursive: true });
  writeFileSync(join(folder, 'hello/proto/hello/v1/greeter_service.proto'), block('proto'));
  const index = pathToFileURL(join(root, 'cdk8s/index.ts')).href;
  writeFileSync(join(folder, 'hello.ts'), code.replace('./cdk8s/index.ts', index));
  execFileSync(process.execPath, ['hello.ts'], { cwd: folder, stdio: 'pipe' });

  const objects = globSync(join(folder, 'out/infra/*.yaml')).flatMap((file) =>
    parseObjects(readFileSync(file, 'utf8')),
  );
  const spec = at(objectOf(objects, 'Deployment', 'greeter-v1'), 'spec.template.spec');
  assert.equal(at(spec, 'securityContext.runAsNonRoot'), true);
  const [greet] = at(objectOf(objects, 'VirtualService', 'greeter'), 'spec.http') as {
    timeout: string;
    retries: { attempts: number };
  }[];
  assert.equal(greet?.timeout, '1s');
  assert.equal(greet?.retries.attempts, 2);
  for (const kind of ['AuthorizationPolicy', 'NetworkPolicy', 'PeerAuthentication', 'Sidecar'])
    objectOf(objects, kind, 'greeter');
  assert.equal(at(objectOf(objects, 'PeerAuthentication', 'default'), 'spec.mtls.mode'), 'STRICT');
  assert.match(readFileSync(join(folder, 'out/charts/hello/Chart.yaml'), 'utf8'), /name: greeter/);
});
