import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { headerBag } from '../header-bag.ts';
import { createTelemetry } from '../telemetry.ts';

const bytes = (value: Buffer): Buffer => value;
const traceService: ServiceDefinition = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  },
};

test('spans of server and client calls reach a collector over OTLP, joined to one trace', async () => {
  const received: Buffer[] = [];
  const collector = new Server();
  collector.addService(traceService, {
    export: (call: { readonly request: Buffer }, done: (error: null, reply: Buffer) => void) => {
      received.push(call.request);
      done(null, Buffer.alloc(0));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    collector.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const telemetry = await createTelemetry({
    service: 'payment',
    version: 'v2',
    logLevel: 'silent',
    otlpEndpoint: `http://127.0.0.1:${port}`,
    sampleRatio: 0,
    processMetrics: false,
  });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const incoming = headerBag([['traceparent', `00-${traceId}-00f067aa0ba902b7-01`]]);
  const outgoing = headerBag();
  const server = telemetry.server.start({ service: 'S', rpc: 'Charge', kind: 'unary' }, incoming);
  server.inject(outgoing);
  const client = telemetry.client.start({ service: 'T', rpc: 'Score', kind: 'unary' }, outgoing);
  client.inject(outgoing);
  assert.equal(client.trace.traceId, traceId);
  client.end('OK');
  server.end('OK');
  await telemetry.shutdown();
  collector.forceShutdown();

  const sent = Buffer.concat(received);
  for (const text of ['S/Charge', 'T/Score', 'service.name', 'payment', 'rpc.status_code']) {
    assert.ok(sent.includes(text), text);
  }
  const spanId = outgoing.get('traceparent')?.split('-')[2] ?? '';
  assert.ok(sent.includes(Buffer.from(traceId, 'hex')) && sent.includes(Buffer.from(spanId, 'hex')));
});
