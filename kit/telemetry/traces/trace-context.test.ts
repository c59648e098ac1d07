import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerBag } from '../header-bag.ts';
import { newTraceContext, readTraceContext } from './trace-context.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

function read(traceparent: string, tracestate?: string) {
  const bag = headerBag([['traceparent', traceparent]]);
  if (tracestate !== undefined) bag.set('tracestate', tracestate);
  return readTraceContext(bag);
}

test('a valid context is read, also of a later version', () => {
  assert.deepEqual(read(`00-${id}-${span}-01`, 'a=1'), { traceId: id, spanId: span, sampled: true, state: 'a=1' });
  assert.deepEqual(read(`00-${id}-${span}-00`), { traceId: id, spanId: span, sampled: false });
  assert.equal(read(`cc-${id}-${span}-01-what-the-future-brings`)?.traceId, id);
});

test('what breaks the grammar is treated as absent', () => {
  for (const bad of [
    '',
    'x',
    `00-${id}-${span}`,
    `00-${id}-${span}-01-more`,
    `ff-${id}-${span}-01`,
    `00-${id.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id}-${span}-1`,
  ]) {
    assert.equal(read(bad), undefined, bad);
  }
  assert.equal(read(`00-${id}-${span}-01`, 'x'.repeat(600))?.state, undefined);
});

test('new contexts are sampled by their ratio', () => {
  const sampled = (ratio: number) =>
    Array.from({ length: 2000 }, () => newTraceContext(ratio)).filter((c) => c.sampled).length;
  assert.equal(sampled(0), 0);
  assert.equal(sampled(1), 2000);
  const tenth = sampled(0.1);
  assert.ok(tenth > 100 && tenth < 320, String(tenth));
});
