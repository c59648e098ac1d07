import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../errors/rpc-error.ts';
import { headerBag } from './header-bag.ts';
import { createTelemetry } from './telemetry.ts';

const method = { service: 'fairlead.payment.v1.PaymentService', rpc: 'Charge', kind: 'unary' } as const;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

async function telemetry() {
  const lines: string[] = [];
  const stdout = { write: (text: string) => lines.push(text) };
  const made = await createTelemetry({
    service: 'payment',
    version: 'v1',
    logLevel: 'info',
    sampleRatio: 0,
    stdout,
    processMetrics: false,
  });
  return { ...made, lines };
}

test('calls appear under the names and labels of the RPC conventions', async () => {
  const { server, registry } = await telemetry();
  const record = server.start(method, headerBag());
  record.received(100);
  record.sent(40);
  record.end('OK');
  server.start(method, headerBag()).end('NOT_FOUND');
  server.start(method, headerBag()).end('INTERNAL');
  const text = await registry.metrics();
  assert.match(text, /# TYPE rpc_server_call_duration_seconds histogram/);
  const labels = 'rpc_system_name="grpc",rpc_method="fairlead.payment.v1.PaymentService/Charge",rpc_status_code=';
  assert.ok(
    text.includes(`rpc_server_call_duration_seconds_count{${labels}"OK",service="payment",version="v1"} 1`),
    text,
  );
  assert.ok(
    text.includes(`rpc_server_call_duration_seconds_bucket{${labels}"OK",le="+Inf",service="payment",version="v1"} 1`),
  );
  assert.ok(text.includes(`${labels}"NOT_FOUND",service=`), "a caller's fault has no error type");
  assert.ok(text.includes(`${labels}"INTERNAL",error_type="INTERNAL"`));
  assert.match(text, /rpc_server_received_bytes_total\{[^}]*\} 100\n/);
  assert.match(text, /rpc_server_sent_messages_total\{[^}]*\} 1\n/);
  assert.match(text, /rpc_server_active_calls\{[^}]*\} 0\n/);
});

test('a record ends once', async () => {
  const { client } = await telemetry();
  const record = client.start(method, headerBag());
  record.end('OK');
  record.end('CANCELLED');
  const [statistics] = client.statistics();
  assert.deepEqual([statistics?.calls, statistics?.errors, statistics?.active], [1, 0, 0]);
});

test('a trace context goes through unchanged where no span is recorded', async () => {
  const { server } = await telemetry();
  const record = server.start(
    method,
    headerBag([
      ['traceparent', traceparent],
      ['tracestate', 'vendor=1'],
    ]),
  );
  assert.equal(record.trace.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
  const out = headerBag();
  record.inject(out);
  assert.equal(out.get('traceparent'), traceparent);
  assert.equal(out.get('tracestate'), 'vendor=1');
});

test('a call without a trace context starts one, and its log lines name it', async () => {
  const { server, lines } = await telemetry();
  const record = server.start(method, headerBag([['x-request-id', 'r-1']]));
  assert.match(record.trace.traceId, /^[0-9a-f]{32}$/);
  record.log.info('hello');
  const line = JSON.parse(lines[0] ?? '');
  assert.deepEqual([line.requestId, line.traceId, line.rpc], ['r-1', record.trace.traceId, `${method.service}/Charge`]);
});

test('a request id that could break a log or a header is replaced', async () => {
  const { server } = await telemetry();
  for (const bad of ['', 'a b', 'x'.repeat(129), 'a\nb', 'ä']) {
    const bag = headerBag([['x-request-id', bad]]);
    const record = server.start(method, bag);
    assert.match(record.requestId, /^[0-9a-f-]{36}$/);
    assert.equal(bag.get('x-request-id'), record.requestId);
  }
});

test("an internal error's cause is logged, a caller's fault is one line without a stack", async () => {
  const { server, lines } = await telemetry();
  server.start(method, headerBag()).end('OK');
  assert.equal(lines.length, 0, 'a success is a debug line');
  server.start(method, headerBag()).end('INTERNAL', new Error('boom'));
  server.start(method, headerBag()).end('NOT_FOUND', new RpcError('NOT_FOUND', 'no such payment', { reason: 'R' }));
  const [internal, fault] = lines.map((line) => JSON.parse(line));
  assert.deepEqual([internal.level, internal.error.message], ['error', 'boom']);
  assert.deepEqual([fault.level, fault.error, fault.reason], ['info', 'no such payment', 'R']);
});
