// connectrpc's conformance suite on the transport: node test/transport/conformance/run.ts [server|client] [--run PATTERN], and
// with --kit on the whole kit, on the transport that FAIRLEAD_TRANSPORT names. Only grpc-js has a list of known failures.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tally } from '../../proof/tally.ts';
import { need } from '../tools.ts';

const [mode = 'server', ...given] = process.argv.slice(2);
const kit = given.includes('--kit');
const rest = given.filter((word) => word !== '--kit');
if (mode === '--help') {
  console.log('node test/transport/conformance/run.ts [server|client] [--kit] [--run PATTERN] [-v]');
  process.exit(0);
}
const program = need('connectconformance');

const CONFIG = `features:
  versions: [HTTP_VERSION_2]
  protocols: [PROTOCOL_GRPC]
  codecs: [CODEC_PROTO]
  compressions: [COMPRESSION_IDENTITY, COMPRESSION_GZIP]
  streamTypes:
    - STREAM_TYPE_UNARY
    - STREAM_TYPE_CLIENT_STREAM
    - STREAM_TYPE_SERVER_STREAM
    - STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM
    - STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM
  supportsH2c: true
  supportsTls: true
  supportsTlsClientCerts: true
  supportsTrailers: true
  supportsMessageReceiveLimit: true
`;
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
const config = join(folder, 'config.yaml');
writeFileSync(config, CONFIG);
const programs = kit ? join(import.meta.dirname, '../../proof/conformance') : import.meta.dirname;
const own = join(programs, `${mode}.ts`);
if (kit && process.env.FAIRLEAD_TRANSPORT === 'grpc-js') {
  rest.push('--known-failing', `@${join(programs, `grpc-js-${mode}.txt`)}`);
  if (mode === 'client') rest.push('--known-flaky', `@${join(programs, 'grpc-js-client-flaky.txt')}`);
}
const ran = spawnSync(program, ['--mode', mode, '--conf', config, ...rest, '--', process.execPath, own], {
  stdio: ['inherit', 'pipe', 'inherit'],
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
});
rmSync(folder, { recursive: true });
process.stdout.write(ran.stdout);
const count = (what: RegExp): number => Number(what.exec(ran.stdout)?.[1] ?? 0);
tally(count(/^(\d+) passed, \d+ failed/m), count(/^Total cases: (\d+)/m));
process.exit(ran.status ?? 1);
