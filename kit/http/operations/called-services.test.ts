// An edge waits for what it calls, once, and not for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthStatus } from '../../edge.ts';
import { quietLog } from '../../testing/quiet-log.ts';
import { CalledServices } from './called-services.ts';

const names = ['order', 'user'];

/** Calls back when a question about a service has been answered so often. */
function answers(statuses: Record<string, HealthStatus>) {
  const asked: Record<string, number> = {};
  let check = (): void => {};
  return {
    health: async (name: string) => {
      asked[name] = (asked[name] ?? 0) + 1;
      queueMicrotask(() => setImmediate(check));
      return statuses[name] ?? 'UNREACHABLE';
    },
    until: (reached: () => boolean) =>
      new Promise<void>((resolve) => {
        check = () => {
          if (reached()) resolve();
        };
        check();
      }),
    asked,
  };
}

test('waits until each was seen serving, and does not look back', async () => {
  const statuses: Record<string, HealthStatus> = { order: 'NOT_SERVING', user: 'SERVING' };
  const { health, until, asked } = answers(statuses);
  const services = new CalledServices({ names, health, log: quietLog() });
  assert.deepEqual(services.waitingFor(), names);
  await until(() => (asked.order ?? 0) > 1);
  assert.deepEqual(services.waitingFor(), ['order']);
  assert.equal(asked.user, 1);
  statuses.order = 'SERVING';
  statuses.user = 'UNREACHABLE';
  await until(() => services.waitingFor().length === 0);
  services.stop();
});

test('goes on without a service that never comes, and says so', async () => {
  const { health } = answers({ user: 'SERVING' });
  const said = Promise.withResolvers<unknown>();
  const log = { ...quietLog(), warn: (_message: string, fields?: object) => said.resolve(fields) };
  const services = new CalledServices({ names, health, log, patienceMs: 20 });
  assert.deepEqual(await said.promise, { services: ['order'] });
  assert.deepEqual(services.waitingFor(), []);
});
