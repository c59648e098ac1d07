// `npm test`: runs all tests that need Node alone, on one PostgreSQL that is started for the run and forgotten after it.
// Each test file is a process of its own (node:test) and makes databases of its own on that server.
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../kit/database/embedded/embedded-postgres.ts';
import { killLateFiles } from './late-files.ts';
import { type Report, reportTests } from './report.ts';

const help = `usage: npm test [-- [options] [part of a path, or glob]...]

Runs the tests (*.test.ts) whose path contains one of the words, all when there is none:
  npm test                          everything
  npm test -- kit/events            one folder
  npm test -- 'services/*/domain/*' a glob

options
  --only-name TEXT   only tests whose name matches this regular expression
  --transport NAME   what gRPC runs on, grpc-js or fairlead (default: what FAIRLEAD_TRANSPORT says, else the kit's)
  --concurrency N    test files at one time (default: one a core, ${availableParallelism()} here)
  --verbose          name every test, not only files and failures
  --help             this text
`;

const minimumNode = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = '{kit,transport,mesh,services,cdk8s,laptop,scripts,test,bench}';
/** A test that takes longer hangs. */
const testTimeoutMs = 120_000;
/** A test file that runs longer is killed. */
const fileTimeoutMs = 150_000;

function fail(text: string, code = 64): never {
  console.error(text);
  process.exit(code);
}

function filesFor(words: readonly string[]): string[] {
  const all = globSync(`${rooms}/**/*.test.ts`, { cwd: root, exclude: ['**/node_modules'] }).sort();
  if (words.length === 0) return all;
  const chosen = new Set<string>();
  for (const word of words) {
    const name = relative(root, join(root, word)).replaceAll('\\', '/');
    const globbed = new Set(/[*?{]/.test(word) ? globSync(name, { cwd: root }) : []);
    const found = all.filter((file) => file.includes(name) || globbed.has(file));
    if (found.length === 0) fail(`no test file matches '${word}'; the paths are like ${all[0] ?? 'kit/x.test.ts'}`);
    for (const file of found) chosen.add(file);
  }
  return [...chosen];
}

if (Number(process.versions.node.split('.')[0]) < minimumNode) {
  fail(
    `the tests need Node ${minimumNode} or newer, this is ${process.version}; start them with 'npm test', which brings it`,
  );
}
const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'only-name': { type: 'string' },
        transport: { type: 'string' },
        concurrency: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  }
})();
if (values.help) {
  console.log(help);
  process.exit(0);
}
const concurrency = Number(values.concurrency ?? availableParallelism());
if (!Number.isInteger(concurrency) || concurrency < 1)
  fail(`--concurrency takes a number from 1 on, not '${values.concurrency}'`);
if (values.transport !== undefined) {
  if (!['grpc-js', 'fairlead'].includes(values.transport))
    fail(`--transport takes grpc-js or fairlead, not '${values.transport}'`);
  process.env.FAIRLEAD_TRANSPORT = values.transport;
}
const files = filesFor(positionals);

const folder = mkdtempSync(join(tmpdir(), 'fairlead-tests-'));
const postgres = await startEmbeddedPostgres({ folder, durable: false });
const interrupted = new AbortController();
let report: Report;
try {
  process.env.TEST_DATABASE_URL = postgres.url();
  const paths = files.map((file) => join(root, file));
  const stream = run({
    files: paths,
    cwd: root,
    concurrency,
    timeout: testTimeoutMs,
    signal: interrupted.signal,
    ...(values['only-name'] === undefined ? {} : { testNamePatterns: [new RegExp(values['only-name'])] }),
  });
  const killer = killLateFiles(stream, new Set(paths), fileTimeoutMs);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killer.killAll();
      interrupted.abort();
    });
  }
  report = await reportTests(stream, { root, files: files.length, verbose: values.verbose });
  await killer.gone();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = report.failed > 0 || interrupted.signal.aborted ? 1 : 0;
