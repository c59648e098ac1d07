// Field rules, flood buckets and the deadline wheel, each by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError } from '../wire/frame.ts';
import { deadlineWheel, type Timed } from './clock/deadline-wheel.ts';
import { Counters } from './guard/counters.ts';
import { FloodGuard } from './guard/flood-guard.ts';
import { DEFAULT_LIMITS, withLimits } from './guard/limits.ts';
import { assertSendable, isRequest, isTrailers, responseStatus } from './receive/header-rules.ts';
import { RecentStreams } from './receive/recent-streams.ts';

const REQUEST = [':method', 'POST', ':scheme', 'http', ':path', '/a.B/C', ':authority', 'x'];

test('a request needs its pseudo-header fields once each and first', () => {
  assert.ok(isRequest(REQUEST));
  assert.ok(isRequest([...REQUEST, 'te', 'trailers', 'content-length', '5']));
  assert.ok(isRequest([':method', 'CONNECT', ':authority', 'a:1']));
  assert.ok(!isRequest([':method', 'CONNECT', ':authority', 'a:1', ':path', '/']));
  for (const wrong of [
    REQUEST.slice(2),
    REQUEST.slice(0, 4),
    [...REQUEST, ':path', '/'],
    ['a', 'b', ...REQUEST],
    [...REQUEST, ':status', '200'],
    [...REQUEST, ':unknown', '1'],
    [...REQUEST, 'te', 'gzip'],
    [...REQUEST, 'connection', 'close'],
    [...REQUEST, 'transfer-encoding', 'chunked'],
    [...REQUEST, 'content-length', '5', 'content-length', '6'],
    [...REQUEST, 'content-length', '+5'],
    [':method', 'POST', ':scheme', 'http', ':path', ''],
  ]) {
    assert.ok(!isRequest(wrong), wrong.join(' '));
  }
});

test('responses and trailers have their own rules', () => {
  assert.equal(responseStatus([':status', '200', 'a', 'b']), 200);
  for (const wrong of [[], [':status', '20'], [':status', '2000'], [':status', '200', ':path', '/']]) {
    assert.equal(responseStatus(wrong), -1);
  }
  assert.ok(isTrailers(['grpc-status', '0']));
  assert.ok(!isTrailers([':status', '200']));
});

test('what cannot travel is refused before it is sent', () => {
  assertSendable(['x-a', 'b', 'x-c', '']);
  assert.throws(() => assertSendable(['X-A', 'b']), /lower-case/);
  assert.throws(() => assertSendable(['x-a', 'b\r\nx: y']), /encode/);
  assert.throws(() => assertSendable(['x-a', '☺']), /encode/);
  assert.throws(() => assertSendable(['x-a']), /a value for every name/);
});

test('a flood empties the bucket, progress and time refill it', () => {
  const counters = new Counters();
  const limits = withLimits(DEFAULT_LIMITS, { controlBurst: 10, controlRate: 100, resetBurst: 3, resetRate: 10 });
  const guard = new FloodGuard(limits, counters, 0);
  for (let i = 0; i < 10; i++) guard.control(0);
  assert.throws(() => guard.control(0), ConnectionError);
  guard.progress();
  guard.control(0);
  assert.throws(() => guard.control(0), ConnectionError);
  for (let i = 0; i < 10; i++) guard.control(100);
  assert.throws(() => guard.control(100), ConnectionError);
  assert.equal(counters.controlFloods, 3);
  for (let i = 0; i < 3; i++) guard.reset(100);
  assert.throws(() => guard.reset(100), ConnectionError);
  guard.completed();
  guard.reset(100);
  assert.equal(counters.resetFloods, 1);
});

class Alarm implements Timed {
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;
  wheelSlot = -1;
  readonly dueAt: number;
  readonly #done: (alarm: Alarm) => void;

  constructor(dueAt: number, done: (alarm: Alarm) => void) {
    this.dueAt = dueAt;
    this.#done = done;
  }

  onDue(): void {
    this.#done(this);
  }
}

test('deadlines fire once, never early, and not after their removal', async () => {
  const now = performance.now();
  const early: Alarm[] = [];
  let fired = 0;
  await new Promise<void>((resolve) => {
    const waits = Array.from({ length: 200 }, (_, i) => (i * 37) % 60);
    const alarms = waits.map(
      (wait, i) =>
        new Alarm(now + wait, (alarm) => {
          if (performance.now() < alarm.dueAt) early.push(alarm);
          assert.notEqual(i % 3, 0);
          // Removing others while the wheel turns must not lose any.
          const other = alarms[(i + 3) % 200];
          if (other !== undefined && (i + 3) % 3 === 0) deadlineWheel.remove(other);
          if (++fired === waits.length - Math.ceil(waits.length / 3)) resolve();
        }),
    );
    for (const alarm of alarms) deadlineWheel.add(alarm);
    for (const [i, alarm] of alarms.entries()) if (i % 3 === 0) deadlineWheel.remove(alarm);
  });
  assert.deepEqual(early, []);
  assert.equal(deadlineWheel.size, 0);
});

test('a deadline beyond one turn of the wheel waits for its own turn', () => {
  const alarm = new Alarm(performance.now() + 60_000, () => assert.fail('too early'));
  deadlineWheel.add(alarm);
  assert.equal(deadlineWheel.size, 1);
  deadlineWheel.remove(alarm);
  deadlineWheel.remove(alarm);
  assert.equal(deadlineWheel.size, 0);
});

test('the last streams are remembered by how they ended', () => {
  const recent = new RecentStreams();
  for (let id = 1; id < 1_001; id += 2) recent.ended(id);
  recent.resetByUs(7);
  assert.ok(recent.hasEnded(999));
  assert.ok(!recent.hasEnded(1));
  assert.ok(recent.wasResetByUs(7));
  assert.ok(!recent.wasResetByUs(9));
});

test('an owner that throws does not stop the wheel', async () => {
  const loud: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => loud.push(error));
  const now = performance.now();
  const failing = new Alarm(now + 5, () => {
    throw new Error('owner');
  });
  await new Promise<void>((resolve) => {
    deadlineWheel.add(failing);
    deadlineWheel.add(new Alarm(now + 5, () => {}));
    deadlineWheel.add(new Alarm(now + 30, () => resolve()));
  });
  process.removeAllListeners('uncaughtException');
  for (const listener of listeners) process.on('uncaughtException', listener);
  assert.equal(loud.length, 1);
  assert.equal(deadlineWheel.size, 0);
});
