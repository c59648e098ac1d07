import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { createOtlpSpans } from './otlp-spans.ts';
import { newTraceContext } from './trace-context.ts';

function source() {
  const exporter = new InMemorySpanExporter();
  // The memory exporter forgets at shutdown, so what was sent is kept here.
  const sent: string[] = [];
  const keep = exporter.export.bind(exporter);
  exporter.export = (spans, done) => {
    sent.push(
      ...spans.map((s) =>
        JSON.stringify([
          s.name,
          s.kind,
          s.spanContext().traceId,
          s.parentSpanContext?.spanId,
          s.attributes,
          s.status.code,
          s.events.length,
        ]),
      ),
    );
    keep(spans, done);
  };
  const spans = createOtlpSpans({ service: 'payment', version: 'v1', endpoint: 'http://127.0.0.1:1', exporter });
  return { spans, sent };
}

test('a span goes on in the trace of its parent, and calls within it get its id', async () => {
  const { spans, sent } = source();
  const parent = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    sampled: true,
    state: 'a=1',
  };
  const span = spans.start('S/Charge', 'server', { 'rpc.system.name': 'grpc' }, parent);
  assert.equal(span.context.traceId, parent.traceId);
  assert.notEqual(span.context.spanId, parent.spanId);
  assert.equal(span.context.state, 'a=1');
  span.end({ 'rpc.status_code': 'INTERNAL' }, { message: 'INTERNAL: boom', cause: new Error('boom') });
  await spans.shutdown();
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.status_code': 'INTERNAL' };
  assert.deepEqual(
    sent.map((text) => JSON.parse(text)),
    [['S/Charge', 1, parent.traceId, parent.spanId, attributes, 2, 1]],
  );
});

test('a trace that begins here has no parent, one that is not sampled has no span', async () => {
  const { spans, sent } = source();
  spans.start('root', 'client', {}, newTraceContext(1)).end({});
  const unsampled = newTraceContext(0);
  const passed = spans.start('unsampled', 'server', {}, unsampled);
  assert.equal(passed.context, unsampled);
  passed.end({});
  await spans.shutdown();
  assert.equal(sent.length, 1);
  const [name, kind, , parent] = JSON.parse(sent[0] ?? '');
  assert.deepEqual([name, kind, parent], ['root', 2, null]);
});

test('a process has one source at a time: the SDK is registered for all of it', async () => {
  const { spans } = source();
  assert.throws(source, /exports spans already/);
  await spans.shutdown();
  await source().spans.shutdown();
});

test('spans that business code makes with the API of OpenTelemetry go the same way', async () => {
  const { spans, sent } = source();
  trace.getTracer('business').startSpan('weigh the parcel').end();
  await spans.shutdown();
  assert.deepEqual(
    sent.map((text) => JSON.parse(text)[0]),
    ['weigh the parcel'],
  );
});

test('OTEL_SDK_DISABLED sends nothing, and contexts pass through', async () => {
  process.env.OTEL_SDK_DISABLED = 'true';
  try {
    const { spans, sent } = source();
    const parent = newTraceContext(1);
    const span = spans.start('S/Charge', 'server', {}, parent);
    assert.equal(span.context, parent);
    span.end({});
    await spans.shutdown();
    assert.deepEqual(sent, []);
  } finally {
    delete process.env.OTEL_SDK_DISABLED;
  }
});

test('a span lasts as long as its call, to the microsecond', async () => {
  const exporter = new InMemorySpanExporter();
  const spans = createOtlpSpans({ service: 'payment', version: 'v1', endpoint: 'http://127.0.0.1:1', exporter });
  let durations: number[] = [];
  exporter.export = (sent, done) => {
    durations = sent.map(
      ({ startTime, endTime }) => (endTime[0] - startTime[0]) * 1e3 + (endTime[1] - startTime[1]) / 1e6,
    );
    done({ code: 0 });
  };
  const span = spans.start('S/Charge', 'server', {}, newTraceContext(1));
  const began = performance.now();
  while (performance.now() - began < 3);
  span.end({});
  span.end({ again: 'is ignored' });
  await spans.shutdown();
  assert.equal(durations.length, 1);
  assert.ok((durations[0] ?? 0) >= 3 && !Number.isInteger(durations[0]), String(durations));
});
