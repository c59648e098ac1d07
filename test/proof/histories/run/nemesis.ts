// Kills what the plan says and notes it: processes at a place or a time, PostgreSQL at a time.
// Of several kills of one service at a place, each process that starts takes the next.
import { systemClock } from '#kit/clock/system-clock.ts';
import type { Plan, PlannedKill } from '../plan/plan.ts';
import type { ProcessName } from '../shop/process-name.ts';
import type { Shop, ShopNews } from '../shop/shop.ts';
import type { History } from './history.ts';

/** See the head of the file. */
export class Nemesis {
  readonly #shop: Shop;
  readonly #history: History;
  readonly #places = new Map<ProcessName, PlannedKill[]>();
  readonly #timed: PlannedKill[];
  readonly #stopping = new AbortController();
  #arming: Promise<unknown> = Promise.resolve();
  #kills = 0;

  constructor(shop: Shop, plan: Plan, history: History) {
    this.#shop = shop;
    this.#history = history;
    this.#timed = plan.kills.filter(({ kind }) => kind !== 'place');
    for (const kill of plan.kills) {
      if (kill.kind !== 'place') continue;
      this.#places.set(kill.service, [...(this.#places.get(kill.service) ?? []), kill]);
    }
  }

  /** Kills so far, of processes and of PostgreSQL. */
  get kills(): number {
    return this.#kills;
  }

  /** To be told what happens to the shop. */
  hear: ShopNews = ({ who, what, how }) => {
    if (what === 'ended') this.#kills++;
    this.#history.add('nemesis', 'nemesis', what, { who, how });
    if (what === 'ended' && who !== 'postgres') this.#arming = this.#rearm(who as ProcessName);
  };

  /** Arms places, and starts the clock of what is timed. */
  async start(): Promise<void> {
    await Promise.all([...this.#places.keys()].map((service) => this.#arm(service)));
    for (const kill of this.#timed) void this.#later(kill);
  }

  /** Nothing is killed from here on; what was killed serves again. */
  async stop(): Promise<void> {
    this.#places.clear();
    this.#stopping.abort();
    await this.#arming;
    await Promise.all([...this.#shop.services.values()].map((service) => service.disarm()));
    await this.#shop.serving();
  }

  async #arm(service: ProcessName): Promise<void> {
    const kill = this.#places.get(service)?.shift();
    if (kill?.kind !== 'place') return;
    this.#history.add('nemesis', 'nemesis', 'arm', { ...kill });
    await this.#shop.services.get(service)?.arm(kill.point, kill.visit);
  }

  async #rearm(service: ProcessName): Promise<void> {
    // The next process is in place a moment later.
    await systemClock.sleep(100);
    await this.#arm(service);
  }

  async #later(kill: PlannedKill): Promise<void> {
    if (kill.kind === 'place') return;
    await systemClock.sleep(kill.at, this.#stopping.signal).catch(() => {});
    if (this.#stopping.signal.aborted) return;
    this.#history.add('nemesis', 'nemesis', 'kill', { ...kill });
    if (kill.kind === 'time') this.#shop.services.get(kill.service)?.kill();
    else await this.#shop.killPostgres(kill.which);
  }
}
