// `npm run new` in a copy of the repository: the service that it writes passes what CI checks, at once.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { namesOf } from './new-service/names.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = ['package.json', 'tsconfig.json', 'biome.json', 'buf.yaml', 'skaffold.yaml'];
const folders = ['kit', 'proto', 'services', 'scripts', 'cdk8s', 'charts', 'infra', 'docs', 'transport', 'bench/proto'];

describe('npm run new', () => {
  const copy = mkdtempSync(join(tmpdir(), 'fairlead new '));
  const node = (...args: readonly string[]): string =>
    execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  const tool = (name: string, ...args: readonly string[]): string => {
    const run = spawnSync(join(root, 'node_modules/.bin', name), args, { cwd: copy, encoding: 'utf8' });
    assert.equal(run.status, 0, `${name}: ${run.stdout}${run.stderr}`);
    return run.stdout;
  };

  before(() => {
    for (const path of [...tracked, ...folders]) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(root, path), join(copy, path), { recursive: true, filter: (from) => !from.includes('node_modules') });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    node('scripts/new-service.ts', 'stock-count');
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  it('writes a folder like the others', () => {
    assert.deepEqual(readdirSync(join(copy, 'services/stock-count')).sort(), [
      'domain',
      'manifest.ts',
      'service.test.ts',
      'service.ts',
    ]);
    assert.ok(existsSync(join(copy, 'charts/stock-count/values.yaml')));
    assert.ok(existsSync(join(copy, 'infra/30-stock-count.yaml')));
  });

  it('passes lint, contracts and types', () => {
    tool('biome', 'check', '--error-on-warnings', 'services/stock-count');
    tool('buf', 'lint', '--path', 'proto/fairlead/stockcount');
    tool('tsc', '--project', '.');
  });

  it('leaves nothing that is generated behind', () => {
    node('scripts/generate-types.ts', '--check');
    node('cdk8s/main.ts', '--check');
    node('scripts/graph.ts', '--check');
    node('scripts/service-size.ts');
  });

  it('passes its own test', () => {
    const run = spawnSync(process.execPath, ['--test', 'services/stock-count/service.test.ts'], {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    assert.equal(run.status, 0, run.stdout + run.stderr);
    assert.match(run.stdout, /pass 2/);
  });

  it('refuses a name that is taken or no name', () => {
    for (const name of ['stock-count', 'Stock', '../x', '']) {
      const run = spawnSync(process.execPath, ['scripts/new-service.ts', name], { cwd: copy, encoding: 'utf8' });
      assert.equal(run.status, 1, `${name}: ${run.stdout}`);
      assert.match(run.stderr, /exists already|cannot be a service/);
    }
  });
});

describe('names', () => {
  it('follow from the one that was asked for', () => {
    assert.deepEqual(namesOf('stock-count'), {
      name: 'stock-count',
      domain: 'stockcount',
      file: 'stock_count_service',
      service: 'StockCountService',
      contract: 'fairlead.stockcount.v1.StockCountService',
    });
  });
});
