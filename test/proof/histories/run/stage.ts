// Everything that histories are played on, opened once for many of them.
import type { Service } from '#kit';
import { type Plan, planOf } from '../plan/plan.ts';
import { pointsOf } from '../shop/crash-points.ts';
import { type ProcessName, processNames, serviceOf } from '../shop/process-name.ts';
import { openShop, type Shop, type ShopNews } from '../shop/shop.ts';
import { type Outcome, openDoors, runHistory } from './run-history.ts';

/** An open stage. */
export interface Stage {
  readonly shop: Shop;
  /** Ids of all products. */
  readonly products: readonly string[];
  plan(seed: number): Plan;
  play(plan: Plan): Promise<Outcome>;
  /** @param keep leaves logs and mails in their folder */
  close(keep?: boolean): Promise<void>;
}

/** Calls that are not on the way of an order, or read only: their places would never be come to, or matter. */
const aside =
  /^(get(?!Order:)|list|set|send|mark|update|import|watch|stream|track|refresh|validate|exchange|revoke|createApiKey)/;

/** Opens it. */
export async function openStage(): Promise<Stage> {
  const points = new Map<ProcessName, readonly string[]>();
  for (const name of processNames) {
    const module = (await import(`../../../../services/${serviceOf(name)}/service.ts`)) as {
      readonly default: Service;
    };
    const all = pointsOf(module.default).filter((point) => !aside.test(point));
    points.set(name, all);
  }
  let listener: ShopNews = () => {};
  const shop = await openShop({ onNews: (news) => listener(news) });
  const doors = await openDoors(shop);
  const rows = await shop.query<{ product_id: string }>('catalog', 'select product_id from products order by 1');
  const products = rows.map(({ product_id }) => product_id);
  return {
    shop,
    products,
    plan: (seed) => planOf(seed, products, points),
    play: (plan) => runHistory(shop, doors, plan, (news) => (listener = news)),
    async close(keep) {
      await doors.close();
      await shop.close(keep);
    },
  };
}
