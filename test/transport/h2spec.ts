// h2spec against a plain HTTP/2 server on raw streams: 145 of 145. Usage: node test/transport/h2spec.ts [--help]
import { createServer, type Http2Stream } from '#transport';
import { tally } from '../proof/tally.ts';
import { runH2spec } from './run-h2spec.ts';

if (process.argv.includes('--help')) {
  console.log('node test/transport/h2spec.ts [h2spec parameters...]   runs h2spec on a server of this transport');
  process.exit(0);
}

const answer = (stream: Http2Stream): void => {
  stream.sendHeaders([':status', '200', 'content-type', 'text/plain', 'content-length', '5'], false);
  stream.sendData(Buffer.from('hello'), true);
};

const server = createServer();
server.raw((stream, _headers, endStream) => {
  stream.handler = {
    onHeaders() {},
    onData(self, _bytes, start, end, last) {
      self.consume(end - start);
      if (last) answer(self);
    },
    onTrailers: answer,
    onReset() {},
    onDrain() {},
    onStalled() {},
  };
  if (endStream) answer(stream);
  return true;
});
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });

const { total, failed, skipped } = await runH2spec(port, process.argv.slice(2));
server.close();
for (const name of failed) console.log(`failed: ${name}`);
for (const name of skipped) console.log(`skipped: ${name}`);
tally(total - failed.length - skipped.length, total);
process.exit(failed.length + skipped.length > 0 ? 1 : 0);
