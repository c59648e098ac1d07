// `npm run proof`: the field's own suites, against the transport and against the kit. Those whose tool is missing are named.
// Tools are installed by `node test/transport/tools.ts install`; `npm run proof -- conformance` runs what has that word in its name.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { envoy, goModule, python, tool } from '../transport/tools.ts';

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly transport?: 'fairlead' | 'grpc-js';
  /** What it needs, by name; undefined where that is not installed. */
  readonly needs: Readonly<Record<string, string | undefined>>;
}

const conformance = {
  connectconformance: tool('connectconformance'),
  'the module connectrpc.com/conformance': goModule('connectrpc.com/conformance', 'v1.0.6'),
};
const suites: readonly Suite[] = [
  { name: 'transport: h2spec', command: ['h2spec.ts'], needs: { h2spec: tool('h2spec') } },
  ...['server', 'client'].map((mode) => ({
    name: `transport: connectrpc conformance, ${mode}`,
    command: ['conformance/run.ts', mode],
    needs: conformance,
  })),
  ...(['fairlead', 'grpc-js'] as const).flatMap((transport) =>
    ['server', 'client'].map((mode) => ({
      name: `kit on ${transport}: connectrpc conformance, ${mode}`,
      command: ['conformance/run.ts', mode, '--kit'],
      transport,
      needs: conformance,
    })),
  ),
  {
    name: 'transport: grpc interop',
    command: ['interop/run.ts'],
    needs: { 'interop client': tool('client'), 'interop server': tool('server'), 'python with grpcio': python() },
  },
  { name: 'transport: Envoy between client and server', command: ['envoy.ts'], needs: { envoy: envoy() } },
];

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log(`npm run proof [-- part of a name]...\n\n${suites.map(({ name }) => `  ${name}`).join('\n')}`);
  process.exit(0);
}
const folder = join(import.meta.dirname, '../transport');
const outcomes: string[] = [];
let failed = 0;
for (const { name, command, transport, needs } of suites) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  const missing = Object.keys(needs).filter((need) => needs[need] === undefined);
  if (missing.length > 0) {
    outcomes.push(`MISSING ${name}: ${missing.join(', ')} not installed (node test/transport/tools.ts install)`);
    continue;
  }
  console.log(`\n== ${name}`);
  const env = transport === undefined ? process.env : { ...process.env, FAIRLEAD_TRANSPORT: transport };
  const [program = '', ...parameters] = command;
  const { status } = spawnSync(process.execPath, [join(folder, program), ...parameters], { stdio: 'inherit', env });
  if (status !== 0) failed++;
  outcomes.push(`${status === 0 ? 'ok     ' : 'FAILED '} ${name}`);
}
console.log(`\n${outcomes.join('\n')}`);
process.exitCode = failed > 0 ? 1 : 0;
