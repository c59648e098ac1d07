// The checker finds what it is there for: real services with a bug each, killed where the bug shows, and the invariant
// that the checker names.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 } from 'uuid';
import { eventsTellAll } from '../check/events.ts';
import { parcels, soldToOrders } from '../check/goods.ts';
import type { Invariant } from '../check/invariant.ts';
import { chargedOnce } from '../check/money.ts';
import { queryEqualsOrders, toldOnce } from '../check/read-models.ts';
import { sagasEnd } from '../check/sagas.ts';
import type { Plan, PlannedKill, PlannedOrder } from '../plan/plan.ts';
import { openStage, type Stage } from '../run/stage.ts';
import { bugs } from './planted.ts';

interface Case {
  readonly bug: string;
  /** Where the process dies; nowhere: the bug shows by itself. */
  readonly dies?: string;
  readonly order?: Partial<PlannedOrder>;
  readonly breaks: Invariant;
}

const cases: readonly Case[] = [
  { bug: 'a charge is repeated without its request_id', dies: 'place-order/charge: answered', breaks: chargedOnce },
  {
    bug: 'a shipment is scheduled again without its request_id',
    dies: 'place-order/schedule: answered',
    breaks: parcels,
  },
  { bug: 'an event is published before the commit', dies: 'createOrder: written', breaks: eventsTellAll },
  { bug: 'a saga is started twice', breaks: sagasEnd },
  { bug: 'a release is lost', order: { cancelAfterMs: 0 }, breaks: soldToOrders },
  { bug: 'an event is handled twice', breaks: toldOnce },
  { bug: 'an event is lost on the way to the read model', breaks: queryEqualsOrders },
];

describe('the checker', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  /** One order of one product that there is enough of; the order service dies at a place. */
  function planOf({ dies, order }: Pick<Case, 'dies' | 'order'>): Plan {
    const [productId = ''] = stage.products;
    const kills: PlannedKill[] = dies === undefined ? [] : [{ kind: 'place', service: 'order', point: dies, visit: 1 }];
    const planned: PlannedOrder = {
      requestId: v7(),
      userId: v7(),
      at: 0,
      items: [{ productId, quantity: 2 }],
      paymentToken: 'tok_approve',
      timeoutMs: 10_000,
      insists: true,
      twice: false,
      reuses: false,
      cancelAfterMs: undefined,
      ...order,
    };
    return { seed: 0, stock: new Map([[productId, 10]]), orders: [planned], kills, leaseRunsOut: false };
  }

  it('finds nothing where there is nothing, whatever is killed', async () => {
    for (const each of cases.filter(({ dies }) => dies !== undefined)) {
      const { violations, history, kills } = await stage.play(planOf(each));
      assert.deepEqual(violations, [], history.toString());
      assert.equal(kills, 1, `the process dies at '${each.dies}'`);
    }
  });

  for (const each of cases) {
    it(`names what is broken when ${each.bug}`, async () => {
      const service = bugs[each.bug]?.service ?? 'order';
      await stage.shop.plant(service, each.bug);
      let outcome = await stage.play(planOf(each));
      // On a busy machine the carrier may be faster than the customer who calls off.
      for (let more = 5; more > 0 && each.order?.cancelAfterMs === 0 && !outcome.ends.CANCELLED; more--)
        outcome = await stage.play(planOf(each));
      const { violations, history } = outcome;
      await stage.shop.plant(service, '');
      const broken = new Set(violations.map(({ invariant }) => invariant));
      assert.ok(broken.has(each.breaks.name), `${[...broken].join('; ') || 'nothing'} was named\n${history}`);
    });
  }
});
