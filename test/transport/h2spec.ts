// h2spec against a plain HTTP/2 server on raw streams: 145 of 145. Usage: node test/transport/h2spec.ts [--help]
import { spawn } from 'node:child_process';
import { createServer, type Http2Stream } from '#transport';
import { skip, tool } from './tools.ts';

if (process.argv.includes('--help')) {
  console.log('node test/transport/h2spec.ts [h2spec parameters...]   runs h2spec on a server of this transport');
  process.exit(0);
}
const h2spec = tool('h2spec') ?? skip('h2spec', 'h2spec');

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

const run = spawn(h2spec, ['-h', '127.0.0.1', '-p', String(port), '-o', '3', ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
run.stdout.on('data', (part: Buffer) => {
  output += part.toString();
});
const status = await new Promise<number>((resolve) => run.on('close', (code) => resolve(code ?? 1)));
server.close();
const failures = output.split('\n').filter((line) => line.includes('×'));
for (const line of failures) console.log(line.trim());
console.log(output.trim().split('\n').at(-1));
process.exit(status);
