// One process's part in a consumer group: takes its fair share of the partitions, and gives up what is too much.
// Nobody leads. Members count each other by the locks that they hold, so that a dead one is gone at once.
import { Wake } from '../../changes/wake.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Logger } from '../../context.ts';
import type { SubscribeOptions } from '../event-log.ts';
import { partitions, topicOf } from '../topic.ts';
import type { LogSession } from './log-session.ts';
import { PartitionWorker } from './partition-worker.ts';

/** Options of {@link GroupMember}. */
export interface GroupMemberOptions extends SubscribeOptions {
  readonly session: LogSession;
  readonly clock: Clock;
  readonly log: Logger;
}

interface PartitionState extends Record<string, unknown> {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly released: boolean;
  readonly members: number;
}

/** How often members look at the group, beside being told of changes. Bounds the pause after a process has died. */
const tickMs = 1_000;

const join = `
  with member as (
    insert into event_log.consumer_group (name, rebuildable) values ($1, $2)
    on conflict (name) do update set rebuildable = excluded.rebuildable)
  select pg_advisory_lock_shared(hashtextextended('event_log/' || $1, 0))`;

const addPartitions = `
  insert into event_log.consumer (group_name, topic, partition)
  select $1, topic, partition from unnest($2::text[]) topic, generate_series(0, $3::int - 1) partition
  on conflict do nothing`;

const look = `
  with key as (select hashtextextended('event_log/' || $1, 0) as key),
  alive as (
    select count(*)::int as members from pg_locks, key
    where locktype = 'advisory' and mode = 'ShareLock' and granted and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = (key >> 32) & 4294967295 and objid::bigint = key & 4294967295)
  select c.topic, c.partition, members, greatest(coalesce(h.next_position, 1) - 1 - c.position, 0) as lag,
    exists (select from event_log.parked_event p where p.released
      and p.group_name = c.group_name and p.topic = c.topic and p.partition = c.partition) as released
  from alive, event_log.consumer c left join event_log.head h using (topic, partition)
  where c.group_name = $1 and c.topic = any($2) order by c.topic, c.partition`;

/** See the head of the file. */
export class GroupMember {
  readonly #options: GroupMemberOptions;
  readonly #topics: readonly string[];
  readonly #workers = new Map<string, PartitionWorker>();
  readonly #stopping = new AbortController();
  readonly #over: AbortSignal;
  readonly #wake: Wake;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.#topics = [...new Set(options.types.map(topicOf))];
    this.#over = AbortSignal.any([this.#stopping.signal, options.session.lost]);
    this.#wake = new Wake(this.#over);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Takes part until it is stopped or the connection is lost. Rejects when the log refuses; the caller tries again. */
  async run(): Promise<void> {
    const { session, group } = this.#options;
    await session.query(join, [group, this.#options.rebuildable ?? false]);
    await session.query(addPartitions, [group, this.#topics, partitions]);
    const silence = session.onNotify((payload) => this.#hear(payload));
    await session.query('select pg_notify($1, $2)', ['event_log', `group/${group}`]);
    const ticking = this.#tick();
    try {
      this.#wake.ring();
      while (await this.#wake.next()) await this.#balance();
    } catch (error) {
      if (!this.#over.aborted) throw error;
    } finally {
      silence();
      this.#stopping.abort();
      await ticking;
      await Promise.all([...this.#workers.values()].map((worker) => this.#giveUp(worker)));
      if (!session.lost.aborted) {
        await session.query("select pg_advisory_unlock_shared(hashtextextended('event_log/' || $1, 0))", [group]);
        await session.query('select pg_notify($1, $2)', ['event_log', `group/${group}`]);
      }
    }
  }

  async #tick(): Promise<void> {
    while (!this.#over.aborted) {
      await this.#options.clock.sleep(tickMs, this.#over).catch(() => {});
      this.#wake.ring();
    }
  }

  #hear(payload: string): void {
    const worker = this.#workers.get(payload);
    if (worker !== undefined) worker.wake();
    else if (payload === `group/${this.#options.group}`) this.#wake.ring();
  }

  async #balance(): Promise<void> {
    const { session, group, observer } = this.#options;
    const states = await session.query<PartitionState>(look, [group, this.#topics]);
    const share = Math.ceil(states.length / Math.max(states[0]?.members ?? 1, 1));
    for (const worker of [...this.#workers.values()].slice(share)) await this.#giveUp(worker);
    for (const state of states) {
      const place = `${state.topic}/${state.partition}`;
      const worker = this.#workers.get(place);
      if (worker !== undefined && (state.lag > 0 || state.released)) worker.wake(state.released);
      if (worker === undefined && this.#workers.size < share && !this.#over.aborted) await this.#take(state);
    }
    for (const topic of this.#topics) {
      const held = states.filter((state) => state.topic === topic && this.#workers.has(`${topic}/${state.partition}`));
      observer.lag(
        topic,
        held.reduce((sum, state) => sum + state.lag, 0),
      );
    }
  }

  #lockName(topic: string, partition: number): string {
    return `event_log/${this.#options.group}/${topic}/${partition}`;
  }

  async #take({ topic, partition }: PartitionState): Promise<void> {
    const [row] = await this.#options.session.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [this.#lockName(topic, partition)],
    );
    if (row?.taken !== true) return;
    const worker = new PartitionWorker({ ...this.#options, topic, partition });
    this.#workers.set(`${topic}/${partition}`, worker);
    worker.start();
  }

  async #giveUp(worker: PartitionWorker): Promise<void> {
    const { session } = this.#options;
    await worker.stop();
    this.#workers.delete(`${worker.topic}/${worker.partition}`);
    if (session.lost.aborted) return;
    await session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [
      this.#lockName(worker.topic, worker.partition),
    ]);
  }
}
