// What every event log must do, as tests: each implementation runs this one file against itself.
// Members of a group are opened apart, so that they share nothing but the log.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import type { Delivery, EventLog, LogRecord, SubscribeOptions } from '../events/event-log.ts';
import { StaleGenerationError } from '../events/event-log.ts';

/** Collects deliveries and lets a test wait for a number of them. */
class Collector {
  readonly deliveries: Delivery[] = [];
  #waiting: (() => void)[] = [];

  add(delivery: Delivery): void {
    this.deliveries.push(delivery);
    for (const check of this.#waiting.splice(0)) check();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  texts(): string[] {
    return this.deliveries.map((delivery) => delivery.payload.toString());
  }
}

/** Registers the tests. `open` connects one more process to one and the same log. */
export function eventLogContract(name: string, open: () => Promise<EventLog>): void {
  describe(`${name} keeps the event log's contract`, () => {
    const logs: EventLog[] = [];
    let topics = 0;
    after(() => Promise.all(logs.map((log) => log.close())));

    async function opened(): Promise<EventLog> {
      const log = await open();
      logs.push(log);
      return log;
    }
    /** A type in a topic of its own, so that tests do not see each other. */
    const newType = (): string => `test.t${++topics}.v1.Happened`;
    const record = (type: string, key: string, text: string): LogRecord => ({
      id: uuid(),
      type,
      key,
      payload: Buffer.from(text),
      occurredAt: new Date(),
    });
    function options(group: string, type: string, collector: Collector): SubscribeOptions {
      return {
        group,
        types: [type],
        deliver: async (delivery) => {
          collector.add(delivery);
          return 'handled';
        },
        isOutage: () => false,
        observer: { handled: () => {}, lag: () => {} },
        firstBackoffMs: 1,
        maxAttempts: 3,
      };
    }

    it('gives every group every event, as it was appended', async () => {
      const log = await opened();
      const type = newType();
      const [a, b] = [new Collector(), new Collector()];
      log.subscribe(options(`${type}-a`, type, a));
      log.subscribe(options(`${type}-b`, type, b));
      const sent = record(type, 'key', 'hello');
      await log.append([sent]);
      await Promise.all([a, b].map((collector) => collector.until(() => collector.deliveries.length === 1)));
      assert.deepEqual(a.deliveries[0], { ...sent, generation: 0 });
      assert.deepEqual(b.deliveries[0], { ...sent, generation: 0 });
    });

    it('delivers what was appended before the group came', async () => {
      const log = await opened();
      const type = newType();
      await log.append([record(type, 'k', '1'), record(type, 'k', '2')]);
      const collector = new Collector();
      log.subscribe(options(type, type, collector));
      await collector.until(() => collector.deliveries.length === 2);
      assert.deepEqual(collector.texts(), ['1', '2']);
    });

    it('holds an id once, however often it is appended', async () => {
      const log = await opened();
      const type = newType();
      const twice = record(type, 'k', 'twice');
      await log.append([twice]);
      await Promise.all([log.append([twice, record(type, 'k', 'last')]), log.append([twice])]);
      const collector = new Collector();
      log.subscribe(options(type, type, collector));
      await collector.until(() => collector.texts().includes('last'));
      assert.deepEqual(collector.texts(), ['twice', 'last']);
    });

    it('passes over types that nobody asked for', async () => {
      const log = await opened();
      const type = newType();
      const collector = new Collector();
      log.subscribe(options(type, type, collector));
      await log.append([record(`${type}Otherwise`, 'k', 'other'), record(type, 'k', 'mine')]);
      await collector.until(() => collector.deliveries.length === 1);
      assert.deepEqual(collector.texts(), ['mine']);
    });

    it('shares the work of a group between its members, each key in order, and goes on when one leaves', async () => {
      const [first, second] = [await opened(), await opened()];
      const type = newType();
      const all = new Collector();
      const perMember = [0, 0];
      const member = (log: EventLog, index: number): ReturnType<EventLog['subscribe']> =>
        log.subscribe({
          ...options(type, type, all),
          deliver: async (delivery) => {
            perMember[index] = (perMember[index] ?? 0) + 1;
            all.add(delivery);
            return 'handled';
          },
        });
      member(first, 0);
      const leaving = member(second, 1);
      const keys = Array.from({ length: 32 }, (_, n) => `key-${n}`);
      let round = 0;
      const appendRound = async (): Promise<void> => {
        round++;
        await first.append(keys.map((key) => record(type, key, `${key} ${round}`)));
        await all.until(() => all.deliveries.length === round * keys.length);
      };
      // Members find each other on their own; when both have had something, the work is shared.
      while (perMember.includes(0)) await appendRound();
      await leaving.stop();
      const had = perMember[1];
      await appendRound();
      assert.equal(perMember[1], had, 'whoever left gets nothing more');
      for (const key of keys) {
        const own = all.texts().filter((text) => text.startsWith(`${key} `));
        assert.deepEqual(
          own,
          Array.from({ length: round }, (_, n) => `${key} ${n + 1}`),
        );
      }
    });

    it('tries a failing event again, then parks it with its error and goes on; unpark delivers it once more', async () => {
      const log = await opened();
      const type = newType();
      const handled = new Collector();
      const tries = new Map<string, number>();
      let cured = false;
      log.subscribe({
        ...options(type, type, handled),
        deliver: async (delivery) => {
          const text = delivery.payload.toString();
          const count = (tries.get(text) ?? 0) + 1;
          tries.set(text, count);
          if (text === 'poison' && !cured) throw new Error('cannot digest this');
          if (text === 'shaky' && count < 3) throw new Error('not yet');
          handled.add(delivery);
          return 'handled';
        },
      });
      const poison = record(type, 'k', 'poison');
      await log.append([record(type, 'k', 'shaky'), poison, record(type, 'k', 'after')]);
      await handled.until(() => handled.texts().includes('after'));
      assert.deepEqual(handled.texts(), ['shaky', 'after']);
      assert.equal(tries.get('poison'), 3);
      const parked = await log.parked(type);
      assert.deepEqual(
        parked.map(({ id, error, attempts }) => ({ id, error, attempts })),
        [{ id: poison.id, error: 'Error: cannot digest this', attempts: 3 }],
      );
      const status = (await log.status()).find(({ group }) => group === type);
      assert.deepEqual({ ...status, lag: 0 }, { group: type, generation: 0, lag: 0, parked: 1 });
      cured = true;
      assert.equal(await log.unpark(type), 1);
      await handled.until(() => handled.texts().includes('poison'));
      assert.deepEqual(await log.parked(type), []);
      // What was handled is counted as done soon after.
      while ((await log.status()).find(({ group }) => group === type)?.lag !== 0);
    });

    it('does not park for an outage, however long it lasts', async () => {
      const log = await opened();
      const type = newType();
      const collector = new Collector();
      let failures = 0;
      log.subscribe({
        ...options(type, type, collector),
        isOutage: (error) => error instanceof RangeError,
        deliver: async (delivery) => {
          if (++failures <= 6) throw new RangeError('the database is away');
          collector.add(delivery);
          return 'handled';
        },
      });
      await log.append([record(type, 'k', 'patient')]);
      await collector.until(() => collector.deliveries.length === 1);
      assert.equal(failures, 7);
    });

    it('starts a group over with the next generation, and refuses where nothing can be rebuilt', async () => {
      const log = await opened();
      const type = newType();
      const collector = new Collector();
      let current = 0;
      log.subscribe({
        ...options(type, type, collector),
        rebuildable: true,
        deliver: async (delivery) => {
          if (delivery.generation < current) throw new StaleGenerationError();
          current = delivery.generation;
          collector.add(delivery);
          return 'handled';
        },
      });
      await log.append([record(type, 'k', '1'), record(type, 'k', '2')]);
      await collector.until(() => collector.deliveries.length === 2);
      assert.equal(await log.rebuild(type), 1);
      await log.append([record(type, 'k', '3')]);
      await collector.until(() => collector.texts().at(-1) === '3');
      const rebuilt = collector.deliveries.filter((delivery) => delivery.generation === 1);
      assert.deepEqual(
        rebuilt.map((delivery) => delivery.payload.toString()),
        ['1', '2', '3'],
      );
      const other = newType();
      log.subscribe(options(other, other, collector));
      await log.append([record(other, 'k', 'seen')]);
      await collector.until(() => collector.texts().includes('seen'));
      await assert.rejects(log.rebuild(other), { code: 'FAILED_PRECONDITION' });
      await assert.rejects(log.rebuild('nobody'), { code: 'NOT_FOUND' });
    });
  });
}
