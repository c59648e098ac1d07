// Whether the checker finds what it is there for: real services with a bug each, killed where the bug shows, and the invariant
// that the checker names.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 } from 'uuid';
import type { Invariant } from '../check/invariant.ts';
import type { Plan, PlannedKill, PlannedOrder } from '../plan/plan.ts';
import { openStage, type Stage } from '../run/stage.ts';
import type { ProcessName } from '../shop/process-name.ts';
import { bugs } from './planted.ts';

/** A bug, and what becomes of an order with it. */
export interface Case {
  /** Its name in planted.ts. */
  readonly bug: string;
  /** Where processes die, each once. @default - nowhere: the bug shows by itself */
  readonly dies?: readonly (readonly [service: ProcessName, point: string])[];
  /** How the order differs from an ordinary one. @default {} */
  readonly order?: Partial<PlannedOrder>;
  /** What has to be named. */
  readonly breaks: Invariant;
}

/** One order of the product, that there is enough of; processes die at their places. */
function planOf(productId: string, { dies = [], order }: Case): Plan {
  const kills = dies.map(([service, point]): PlannedKill => ({ kind: 'place', service, point, visit: 1 }));
  const planned: PlannedOrder = {
    requestId: v7(),
    email: `${v7()}@example.com`,
    door: 'services',
    at: 0,
    items: [{ productId, quantity: 2 }],
    paymentToken: 'tok_approve',
    timeoutMs: 10_000,
    insists: true,
    twice: false,
    reuses: false,
    cancelAfterMs: undefined,
    says: 0,
    ...order,
  };
  return { seed: 0, stock: new Map([[productId, 10]]), orders: [planned], kills, leaseRunsOut: false };
}

/** Plays each case without its bug and with it. */
export function checkerFinds(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    let stage: Stage;
    let productId = '';
    before(async () => {
      stage = await openStage();
      [productId = ''] = stage.products;
    });
    after(() => stage.close());

    it('is nothing where there is nothing', async () => {
      for (const each of cases) {
        const { violations, history, kills } = await stage.play(planOf(productId, each));
        assert.deepEqual(violations, [], history.toString());
        assert.equal(kills, each.dies?.length ?? 0, `processes die at '${each.dies}'`);
      }
    });

    for (const each of cases) {
      it(`is named when ${each.bug}`, async () => {
        const service = bugs[each.bug]?.service ?? 'order';
        await stage.shop.plant(service, each.bug);
        let outcome = await stage.play(planOf(productId, each));
        // On a busy machine the carrier may be faster than the customer who calls off.
        for (let more = 5; more > 0 && each.order?.cancelAfterMs === 0 && !outcome.ends.CANCELLED; more--)
          outcome = await stage.play(planOf(productId, each));
        const { violations, history } = outcome;
        await stage.shop.plant(service, '');
        const broken = new Set(violations.map(({ invariant }) => invariant));
        assert.ok(broken.has(each.breaks.name), `${[...broken].join('; ') || 'nothing'} was named\n${history}`);
      });
    }
  });
}
