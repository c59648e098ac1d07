// The transport against its contenders: interleaved rounds, a fresh pair of processes each, CPU a call beside throughput.
// Usage: node bench/transport/run.ts [--scenarios a,b] [--peers a,b] [--rounds N] [--seconds N] [--write]
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: 'unary-1,unary-32,unary-128,large-8,list-4,chat-32,tls-32' },
    peers: { type: 'string', default: 'fairlead,grpc-js,node-http2,go,go-client,go-server' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    `node bench/transport/run.ts [--scenarios ${values.scenarios}] [--peers ${values.peers}] [--rounds 3] [--seconds 3]`,
  );
  console.log('--write puts the table into docs/transport.md. Go peers: node bench/transport/go/build.ts first.');
  process.exit(0);
}

const GO = join(homedir(), '.cache', 'fairlead-proof', 'bin', 'transport-bench');
const folder = mkdtempSync(join(tmpdir(), 'transport-bench-'));
const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });

interface Row {
  readonly rate: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
  readonly p50: number;
  readonly p99: number;
}

/** Which implementation is on which side. */
function sides(peer: string): readonly [server: string, client: string] {
  if (peer === 'go') return ['go', 'go'];
  if (peer === 'go-client') return ['fairlead', 'go'];
  if (peer === 'go-server') return ['go', 'fairlead'];
  return [peer, peer];
}

const program = (role: 'server' | 'client', name: string): string[] =>
  name === 'go' ? [GO, role] : [process.execPath, join(import.meta.dirname, `run-${role}.ts`), name];

function start(command: string[]): { readonly child: ChildProcess; readonly lines: AsyncIterator<string> } {
  const [file = '', ...parameters] = command;
  const child = spawn(file, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output');
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Milliseconds of CPU that a process has used; Linux only. */
function cpuOf(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(peer: string, scenario: string): Promise<Row | undefined> {
  const [kind = '', concurrency = '1'] = scenario.split('-');
  const tls = kind === 'tls';
  const [serverName, clientName] = sides(peer);
  const server = start([...program('server', serverName), ...(tls ? [cert, key] : [])]);
  try {
    const port = (await server.lines.next()).value as string;
    const shape = tls ? 'unary' : kind;
    const given = [port, shape, concurrency, values.seconds, ...(tls ? [cert] : [])];
    const client = start([...program('client', clientName), ...given]);
    if ((await client.lines.next()).value !== 'begin') return undefined;
    const before = cpuOf(server.child);
    const line = (await client.lines.next()).value as string | undefined;
    if (line === undefined) return undefined;
    const serverTime = cpuOf(server.child) - before;
    const result = JSON.parse(line) as Row & { done: number };
    await new Promise((resolve) => client.child.on('close', resolve));
    return { ...result, serverCpu: (serverTime * 1_000) / result.done };
  } finally {
    server.child.stdin?.end();
    server.child.kill();
  }
}

const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const supports = (peer: string, scenario: string): boolean =>
  peer !== 'node-http2' || /^(unary|large|tls)/.test(scenario);

const peers = values.peers.split(',').filter((peer) => !peer.startsWith('go') || existsSync(GO));
if (!existsSync(GO)) console.log('SKIPPED Go: not built (node bench/transport/go/build.ts)');
const out: string[] = [
  '| scenario | contender | per second | against grpc-js | client µs | server µs | CPU against grpc-js | p50 ms | p99 ms |',
  '|---|---|---:|---:|---:|---:|---:|---:|---:|',
];
for (const scenario of values.scenarios.split(',')) {
  const rows = new Map<string, Row[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const peer of peers) {
      if (!supports(peer, scenario)) continue;
      const row = await measure(peer, scenario);
      if (row !== undefined) rows.set(peer, [...(rows.get(peer) ?? []), row]);
    }
  }
  const middle = (peer: string, key: keyof Row): number => median((rows.get(peer) ?? []).map((row) => row[key]));
  const cpu = (peer: string): number => middle(peer, 'clientCpu') + middle(peer, 'serverCpu');
  for (const peer of rows.keys()) {
    const ratio = middle(peer, 'rate') / middle('grpc-js', 'rate');
    const cells = [
      ...[scenario, peer, Math.round(middle(peer, 'rate')).toLocaleString('en'), ratio.toFixed(2)],
      ...[middle(peer, 'clientCpu').toFixed(1), middle(peer, 'serverCpu').toFixed(1)],
      ...[(cpu('grpc-js') / cpu(peer)).toFixed(2), middle(peer, 'p50').toFixed(2), middle(peer, 'p99').toFixed(2)],
    ];
    const line = `| ${cells.join(' | ')} |`;
    out.push(line);
    console.log(line);
  }
}
rmSync(folder, { recursive: true });

if (values.write) {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'transport.md');
  const text = readFileSync(file, 'utf8');
  const date = new Date().toISOString().slice(0, 10);
  const how = `${date}, ${cpus().length} cores, Node ${process.version}, median of ${values.rounds} rounds of ${values.seconds} s`;
  const [start, end] = ['<!-- bench:start -->', '<!-- bench:end -->'];
  const table = `${start}\n\n${how}:\n\n${out.join('\n')}\n\n${end}`;
  writeFileSync(file, text.replace(new RegExp(`${start}[\\s\\S]*${end}`), table));
}
process.exit(0);
