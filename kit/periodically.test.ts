import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './clock/manual-clock.ts';
import { periodically } from './periodically.ts';
import { quietLog } from './testing/quiet-log.ts';

/** Lets the work come to its next pause. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setting() {
  const stopping = new AbortController();
  return { stopping, clock: new ManualClock(), log: quietLog(), signal: stopping.signal };
}

test('work comes back after its pause until it says that it is done', async () => {
  const application = setting();
  let rounds = 0;
  const running = periodically(application, { name: 'count', every: '5s' }, async () => {
    rounds++;
    return rounds === 3 ? 'done' : undefined;
  });
  await settled();
  assert.equal(rounds, 1);
  await application.clock.advance(4_999);
  assert.equal(rounds, 1);
  await application.clock.advance(1);
  assert.equal(rounds, 2);
  await application.clock.advance(5_000);
  await running;
  assert.equal(rounds, 3);
});

test('a round that fails is told of and does not end the work', async () => {
  const application = setting();
  let rounds = 0;
  const running = periodically(application, { name: 'look', every: '1s' }, async () => {
    rounds++;
    if (rounds === 1) throw new Error('not there yet');
    return 'done';
  });
  await settled();
  await application.clock.advance(1_000);
  await running;
  assert.equal(rounds, 2);
  assert.deepEqual(
    application.log.lines.map(({ level, message }) => [level, message]),
    [['warn', 'look failed, it is tried again']],
  );
});

test('draining ends the pause and starts no further round', async () => {
  const application = setting();
  let rounds = 0;
  const running = periodically(application, { name: 'count', every: '1h' }, async () => {
    rounds++;
    return undefined;
  });
  await settled();
  application.stopping.abort();
  await running;
  assert.equal(rounds, 1);
});
