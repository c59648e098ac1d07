// The fourteen interoperability cases in every pairing that is installed: Go both ways, grpc-js both ways, Python's
// grpcio both ways, this transport with itself, plain and TLS. Usage: node test/transport/interop/run.ts [--help]
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { join } from 'node:path';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { type Client, connect, createServer } from '#transport';
import { addService } from '#transport/grpc-js/facade.ts';
import { tally } from '../../proof/tally.ts';
import { find } from '../tools.ts';
import { cases } from './cases.ts';
import { implementation, TestService } from './service.ts';

if (process.argv.includes('--help')) {
  console.log('node test/transport/interop/run.ts   runs each pairing, skips aloud those whose tool is missing');
  process.exit(0);
}

const names = Object.keys(cases);
let failures = 0;
let total = 0;

function report(pairing: string, failed: readonly string[]): void {
  failures += failed.length;
  total += names.length;
  console.log(`${pairing}: ${names.length - failed.length} of ${names.length}`);
  for (const line of failed) console.log(`  ${line}`);
}

async function ours(pairing: string, target: string): Promise<void> {
  const client: Client = connect({ target });
  await client.ready(10_000);
  const failed: string[] = [];
  for (const [name, run] of Object.entries(cases)) {
    const timeout = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('no end in 10 s')), 10_000).unref(),
    );
    await Promise.race([run(client), timeout]).catch((error: Error) => failed.push(`${name}: ${error.message}`));
  }
  client.close();
  report(pairing, failed);
}

const finished = (child: ChildProcess): Promise<{ readonly status: number; readonly text: string }> => {
  let text = '';
  child.stdout?.on('data', (part: Buffer) => {
    text += part.toString();
  });
  child.stderr?.on('data', (part: Buffer) => {
    text += part.toString();
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status: status ?? 1, text })));
};

async function theirs(pairing: string, command: (name: string) => readonly [string, ...string[]]): Promise<void> {
  const failed: string[] = [];
  for (const name of names) {
    const [program, ...parameters] = command(name);
    const child = spawn(program, parameters, { timeout: 20_000 });
    const { status, text } = await finished(child);
    if (status !== 0) failed.push(`${name}: ${text.trim().split('\n').at(-1)}`);
  }
  report(pairing, failed);
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** Runs `use` while a server program listens on a port. */
async function against(pairing: string, command: (port: number) => readonly [string, ...string[]]): Promise<void> {
  const port = await freePort();
  const [program, ...parameters] = command(port);
  const child = spawn(program, parameters, { stdio: 'ignore' });
  try {
    await ours(pairing, `127.0.0.1:${port}`);
  } finally {
    child.kill();
  }
}

const server = createServer();
addService(server, TestService, implementation);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
await ours('transport client, transport server', `127.0.0.1:${port}`);

const grpcServer = new GrpcServer();
grpcServer.addService(TestService, implementation);
const grpcPort = await new Promise<number>((resolve, reject) =>
  grpcServer.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
await ours('transport client, grpc-js server', `127.0.0.1:${grpcPort}`);
grpcServer.forceShutdown();
const grpcClient = join(import.meta.dirname, 'grpc-js-client.ts');
await theirs('grpc-js client, transport server', (name) => [process.execPath, grpcClient, String(port), name]);

const goClient = find('interop client');
if (goClient === undefined) console.log('SKIPPED grpc-go client: not installed (node test/transport/tools.ts install)');
else {
  await theirs('grpc-go client, transport server', (name) => [
    ...([goClient, '-server_host', '127.0.0.1', '-server_port', String(port), '-test_case', name] as const),
  ]);
}
const goServer = find('interop server');
if (goServer === undefined) console.log('SKIPPED grpc-go server: not installed (node test/transport/tools.ts install)');
else await against('transport client, grpc-go server', (free) => [goServer, '-port', String(free)]);

const pythonPath = find('grpcio');
if (pythonPath === undefined) console.log('SKIPPED grpcio: not installed (node test/transport/tools.ts install)');
else {
  const program = join(import.meta.dirname, 'grpcio_peer.py');
  await theirs('grpcio client, transport server', (name) => [pythonPath, program, 'client', String(port), name]);
  await against('transport client, grpcio server', (free) => [pythonPath, program, 'server', String(free)]);
}
server.close();
tally(total - failures, total);
process.exit(failures > 0 ? 1 : 0);
