// Stands for an OpenTelemetry collector (OTLP over gRPC), so that sampled spans are really sent: takes them and answers.
// Prints its port, and how many requests and octets came when it is asked by a line on stdin.
import { createInterface } from 'node:readline';
import { createServer } from '#transport';

const counted = { requests: 0, octets: 0 };
const server = createServer({ maxReceiveMessage: 64 * 1024 * 1024 });
const empty = Buffer.alloc(0);
server.handle('/opentelemetry.proto.collector.trace.v1.TraceService/Export', {
  requestStream: false,
  onMessage(call, message) {
    counted.requests++;
    counted.octets += message.length;
    call.reply(empty);
  },
});
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
console.log(port);
for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(counted));
process.exit(0);
