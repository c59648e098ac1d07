// Every scenario on the laptop mesh. `npm run parity` runs the same ones on a cluster.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { laptop } from './drivers/laptop.ts';
import { judge } from './judge.ts';
import { explained } from './known-differences.ts';
import { SCENARIOS } from './scenarios/all.ts';

describe('laptop mesh', { concurrency: 8 }, () => {
  for (const scenario of SCENARIOS)
    it(`${scenario.group}: ${scenario.name}`, async () => {
      const running = await laptop.start(scenario);
      try {
        const { problems } = await judge(scenario, running);
        if (explained('laptop', scenario, problems) === undefined) assert.deepEqual(problems, []);
      } finally {
        await running.close();
      }
    });
});
