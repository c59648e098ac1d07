import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applicationState } from './application-state.ts';

test('a value is made once for an application and its contexts, and anew for another application', () => {
  let made = 0;
  const state = applicationState((_: { config: object }) => ({ number: ++made }));
  const application = { config: {} };
  assert.equal(state(application).number, 1);
  assert.equal(state({ ...application }).number, 1);
  assert.equal(state({ config: {} }).number, 2);
});

test('a promise that was rejected is made anew', async () => {
  let made = 0;
  const state = applicationState(async (_: { config: object }) => {
    if (++made === 1) throw new Error('database is away');
    return made;
  });
  const application = { config: {} };
  await assert.rejects(state(application), /away/);
  assert.equal(await state(application), 2);
  assert.equal(await state(application), 2);
});
