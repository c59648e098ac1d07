// A process that publishes or consumes, for tests that kill it: `node event-process.ts ROLE DATABASE_URL LOG_URL`.
// Publishers say 'sent N' of what is committed; consumers write what they handle to the table `seen`, and those with the role
// `fragile` die of the event number 3.
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { systemClock } from '../../clock/system-clock.ts';
import type { IncomingEvent } from '../../context.ts';
import type { Codec } from '../../contract/codec.ts';
import type { Message, MessageName } from '../../contract/shapes.ts';
import { openDatabase } from '../../database/open-database.ts';
import { type EventUnit, openEvents } from '../../events/events.ts';
import { quietLog } from '../quiet-log.ts';

export const eventType = 'fairlead.order.v1.OrderEvent';
/** Keys that publishers go round. */
export const keys: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f'];

interface Payload {
  readonly n: number;
}

/** JSON stands in for protobuf: these tests are about delivery, not about messages. */
export const jsonCodec = (name: string): Codec<Message<MessageName> & object> =>
  ({
    name,
    encode: (message: object) => Buffer.from(JSON.stringify(message)),
    decode: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()),
  }) as unknown as Codec<Message<MessageName> & object>;

export const tables: string = `
  create table if not exists sent (n bigint generated always as identity primary key, key text not null);
  create table if not exists seen (place bigint generated always as identity primary key, key text not null, n bigint not null)`;

/** Handles an event by writing it down. */
export async function writeDown(event: IncomingEvent, unit: EventUnit<unknown>): Promise<void> {
  const { n } = event.payload as unknown as Payload;
  await sql`insert into seen (key, n) values (${event.key}, ${n})`.execute(unit.db);
}

async function main([role, databaseUrl = '', eventLogUrl = '']: readonly string[]): Promise<void> {
  const log = quietLog();
  const database = await openDatabase({
    url: databaseUrl,
    service: role ?? '',
    migrations: undefined,
    log,
    clock: systemClock,
  });
  const events = await openEvents({
    manifest:
      role === 'publish' ? { name: 'publisher', publishes: [eventType] } : { name: 'consumer', consumes: [eventType] },
    database,
    eventLogUrl,
    codec: jsonCodec,
    log,
    clock: systemClock,
    registry: new Registry(),
    ...(role === 'fragile' ? { maxAttempts: 3 } : {}),
  });
  process.stdout.write('started\n');
  if (role !== 'publish') {
    const handle = async (event: IncomingEvent, unit: EventUnit<unknown>): Promise<void> => {
      if (role === 'fragile' && (event.payload as unknown as Payload).n === 3) process.exit(9);
      await writeDown(event, unit);
    };
    events.consume({ handlers: { [eventType]: handle }, makeContext: (unit) => unit });
    return;
  }
  for (;;) {
    const n = await database.transaction(async (transaction) => {
      const { rows } = await sql<{ n: number }>`insert into sent (key) values ('') returning n`.execute(transaction);
      const next = rows[0]?.n ?? 0;
      const key = keys[next % keys.length] ?? '';
      await sql`update sent set key = ${key} where n = ${next}`.execute(transaction);
      await events.publish(transaction, { type: eventType, key, payload: { n: next } as object });
      return next;
    });
    process.stdout.write(`sent ${n}\n`);
  }
}

if (import.meta.main) await main(process.argv.slice(2));
