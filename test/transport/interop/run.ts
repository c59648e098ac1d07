// The fourteen interoperability cases in every pairing: Go both ways, grpc-js both ways, Python's grpcio both ways, this
// transport with itself. Usage: node test/transport/interop/run.ts [--help]
import { join } from 'node:path';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { connect, createServer } from '#transport';
import { addService } from '#transport/grpc-js/facade.ts';
import { tally } from '../../proof/tally.ts';
import { need } from '../tools.ts';
import { Pairings } from './pairings.ts';
import { implementation, TestService } from './service.ts';
import { transportCaller } from './transport-caller.ts';

if (process.argv.includes('--help')) {
  console.log('node test/transport/interop/run.ts   runs the cases in each pairing');
  process.exit(0);
}
const [goClient, goServer, python] = [need('interop client'), need('interop server'), need('grpcio')];
const pairings = new Pairings();

async function ours(pairing: string, port: number): Promise<void> {
  const client = connect({ target: `127.0.0.1:${port}` });
  await client.ready(10_000);
  await pairings.ours(pairing, transportCaller(client));
  client.close();
}

const server = createServer();
addService(server, TestService, implementation);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
await ours('transport client, transport server', port);

const grpcServer = new GrpcServer();
grpcServer.addService(TestService, implementation);
const grpcPort = await new Promise<number>((resolve, reject) =>
  grpcServer.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
await ours('transport client, grpc-js server', grpcPort);
grpcServer.forceShutdown();
const grpcClient = join(import.meta.dirname, 'grpc-js-client.ts');
await pairings.theirs('grpc-js client, transport server', (name) => [process.execPath, grpcClient, String(port), name]);
await pairings.theirs('grpc-go client, transport server', (name) => [
  goClient,
  ...['-server_host', '127.0.0.1', '-server_port', String(port), '-test_case', name],
]);
await pairings.against(
  (free) => [goServer, '-port', String(free)],
  (free) => ours('transport client, grpc-go server', free),
);
const peer = join(import.meta.dirname, 'grpcio_peer.py');
await pairings.theirs('grpcio client, transport server', (name) => [python, peer, 'client', String(port), name]);
await pairings.against(
  (free) => [python, peer, 'server', String(free)],
  (free) => ours('transport client, grpcio server', free),
);
server.close();
tally(pairings.passed, pairings.total);
process.exit(pairings.passed === pairings.total ? 0 : 1);
