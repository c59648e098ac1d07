// Every scenario on the laptop mesh. The same scenarios run on a real cluster with their own driver.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { laptop } from './drivers/laptop.ts';
import { judge } from './judge.ts';
import { RESILIENCE } from './scenarios/resilience.ts';
import { ROUTING } from './scenarios/routing.ts';
import { SECURITY } from './scenarios/security.ts';

for (const [group, scenarios] of Object.entries({ routing: ROUTING, resilience: RESILIENCE, security: SECURITY }))
  describe(`laptop mesh: ${group}`, { concurrency: 4 }, () => {
    for (const scenario of scenarios)
      it(scenario.name, async () => {
        const running = await laptop.start(scenario);
        try {
          assert.deepEqual(await judge(scenario, running), []);
        } finally {
          await running.close();
        }
      });
  });
