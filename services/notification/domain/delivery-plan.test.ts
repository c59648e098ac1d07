// Which channels a notification takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultWishes, planDeliveries } from './delivery-plan.ts';

const states = (...args: Parameters<typeof planDeliveries>) =>
  Object.fromEntries(planDeliveries(...args).map(({ channel, state }) => [channel, state]));

test('by default emails are sent and the app shows it', () => {
  assert.deepEqual(states('NOTIFICATION_KIND_WELCOME', defaultWishes), {
    CHANNEL_EMAIL: 'DELIVERY_STATE_PENDING',
    CHANNEL_IN_APP: 'DELIVERY_STATE_SENT',
    CHANNEL_LOG: 'DELIVERY_STATE_SKIPPED',
  });
});

test('unwanted channels and muted kinds are left out, and it is said why', () => {
  const none = planDeliveries('NOTIFICATION_KIND_WELCOME', { channels: [], mutedKinds: [] });
  assert.ok(none.every(({ state, detail }) => state === 'DELIVERY_STATE_SKIPPED' && /channel/.test(detail)));
  const mutedKinds = ['NOTIFICATION_KIND_WELCOME' as const];
  const muted = planDeliveries('NOTIFICATION_KIND_WELCOME', { ...defaultWishes, mutedKinds });
  assert.ok(muted.every(({ state, detail }) => state === 'DELIVERY_STATE_SKIPPED' && /muted/.test(detail)));
  assert.equal(
    states('NOTIFICATION_KIND_MESSAGE', { ...defaultWishes, mutedKinds }).CHANNEL_IN_APP,
    'DELIVERY_STATE_SENT',
  );
});
