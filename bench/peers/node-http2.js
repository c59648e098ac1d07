// node:http2 by hand with proto-loader's codecs, unary only: the floor of everything that is built on node:http2.
import http2 from 'node:http2';
import loader from '@grpc/proto-loader';
import { clientCa, serverTls } from '../secure.ts';
import { boardRequest, first, leaderboards, protoFile, protoFolders, scoreRequest } from '../workload.ts';

const { GetScore, GetLeaderboard } = loader.loadSync(protoFile, {
  includeDirs: protoFolders,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
})['fairlead.bench.v1.BenchService'];

const handlers = new Map([
  [GetScore.path, () => GetScore.responseSerialize({ entry: first })],
  [
    GetLeaderboard.path,
    (bytes) =>
      GetLeaderboard.responseSerialize({ entries: leaderboards.get(GetLeaderboard.requestDeserialize(bytes).size) }),
  ],
]);

function frame(message) {
  const out = Buffer.allocUnsafe(message.length + 5);
  out[0] = 0;
  out.writeUInt32BE(message.length, 1);
  out.set(message, 5);
  return out;
}

const whole = (parts) => (parts.length === 1 ? parts[0] : Buffer.concat(parts));

function onStream(stream, headers) {
  const handler = handlers.get(headers[':path']);
  const parts = [];
  stream.on('data', (part) => parts.push(part));
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frame(handler(whole(parts).subarray(5))));
  });
}

export async function serve() {
  const server = serverTls === undefined ? http2.createServer() : http2.createSecureServer(serverTls);
  server.on('stream', onStream);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port };
}

export async function connect({ port }) {
  const session =
    clientCa === undefined
      ? http2.connect(`http://127.0.0.1:${port}`)
      : http2.connect(`https://127.0.0.1:${port}`, { ca: clientCa, servername: 'localhost' });
  const unary = (method, message) =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': method.path,
        te: 'trailers',
        'content-type': 'application/grpc',
        'grpc-timeout': '30S',
      });
      const parts = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('error', reject);
      stream.on('end', () => resolve(method.responseDeserialize(whole(parts).subarray(5))));
      stream.end(frame(method.requestSerialize(message)));
    });
  return { small: () => unary(GetScore, scoreRequest), large: () => unary(GetLeaderboard, boardRequest) };
}
