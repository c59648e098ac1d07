// Waits until a history has come to rest: orders ended, sagas ended, outboxes empty, every group at the end of the log.
// Whatever is not done in time is no error of its own: the invariants say what is missing.
import { systemClock } from '#kit/clock/system-clock.ts';
import { userIdsOf } from '../check/facts.ts';
import type { Plan } from '../plan/plan.ts';
import type { DatabaseName, Shop } from '../shop/shop.ts';

interface Count {
  readonly open: number;
}

const pauseMs = 40;
/** Longer than the longest pauses of sagas under test and the lifetime of a reservation, on a busy machine. */
const longestMs = 90_000;

const publishers = ['user', 'order', 'payment', 'inventory', 'shipping'] as const;

/** Questions in the order in which work flows: what is at rest stays so when all before it is. */
function* questions(users: readonly string[]): Generator<readonly [DatabaseName, string, readonly unknown[]]> {
  yield ['order', 'select count(*)::int as open from fairlead.saga where finished_at is null', []];
  const unfinished = `select count(*)::int as open from orders where user_id = any($1)
    and status not in ('ORDER_STATUS_DELIVERED', 'ORDER_STATUS_FAILED', 'ORDER_STATUS_CANCELLED')`;
  yield ['order', unfinished, [users]];
  yield ['inventory', "select count(*)::int as open from reservations where state = 'HELD'", []];
  for (const name of publishers) yield [name, 'select count(*)::int as open from fairlead.outbox', []];
  const behind = `select count(*)::int as open from event_log.consumer c
    join event_log.head h using (topic, partition) where c.position < h.next_position - 1`;
  yield ['events', behind, []];
  yield ['notification', 'select count(*)::int as open from fairlead.saga where finished_at is null', []];
  yield ['realtime', 'select count(*)::int as open from presences', []];
}

/** Resolves with what is still open after the longest time, or with nothing. */
export async function settle(shop: Shop, plan: Plan): Promise<string | undefined> {
  const until = performance.now() + longestMs;
  const users = await userIdsOf(shop, plan);
  for (;;) {
    let open: string | undefined;
    for (const [database, text, values] of questions(users)) {
      const [row] = await shop.query<Count>(database, text, values);
      if ((row?.open ?? 0) === 0) continue;
      open = `${database}: ${row?.open} from ${text.replaceAll(/\s+/g, ' ')}`;
      break;
    }
    if (open === undefined || performance.now() > until) return open;
    await systemClock.sleep(pauseMs);
  }
}
