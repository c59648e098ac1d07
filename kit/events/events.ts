// Events of one service: publishing through the outbox, consuming in the group that bears the service's name.
// At least once from end to end, once in effect, in order by key; an event that cannot be handled is parked, not lost.
import type { Transaction } from 'kysely';
import type { Registry } from 'prom-client';
import { v7 as uuid } from 'uuid';
import type { Clock } from '../clock/clock.ts';
import type { IncomingEvent, Logger, OutgoingEvent } from '../context.ts';
import type { Codec } from '../contract/codec.ts';
import type { Message, MessageName } from '../contract/shapes.ts';
import { isUnreachable } from '../database/database-error.ts';
import type { ServiceDatabase } from '../database/open-database.ts';
import type { ServiceManifest } from '../manifest.ts';
import { type Delivery, type EventLog, type Handled, StaleGenerationError, type Subscription } from './event-log.ts';
import { createEventMetrics } from './event-metrics.ts';
import { beginGeneration, receive } from './inbox.ts';
import { writeOutbox } from './outbox.ts';
import { PostgresEventLog } from './postgres/postgres-event-log.ts';
import { Relay } from './relay.ts';
import { Turns } from './turns.ts';

/** Options of {@link openEvents}. */
export interface OpenEventsOptions<T> {
  readonly manifest: Pick<ServiceManifest, 'name' | 'publishes' | 'consumes'>;
  readonly database: ServiceDatabase<T>;
  readonly eventLogUrl: string;
  /** Finds the codec of a message. */
  readonly codec: (name: MessageName) => Codec<Message<MessageName> & object>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly registry: Registry;
  /** @default - PostgreSQL at `eventLogUrl` */
  readonly eventLog?: EventLog;
  /** Failed tries after which an event is parked. @default 8 */
  readonly maxAttempts?: number;
  /** Pause after the first failed try, in milliseconds, doubled each time. @default 100 */
  readonly firstBackoffMs?: number;
  /** How long the log keeps events, in milliseconds. @default - for ever */
  readonly retentionMs?: number;
}

/** What an event is handled in: the transaction that marks it as handled. */
export interface EventUnit<T> {
  readonly db: Transaction<T>;
  publish(event: OutgoingEvent<MessageName>): Promise<void>;
}

/** How a service consumes. */
export interface ConsumeOptions<T, C> {
  /** Handlers by the message's full name. */
  readonly handlers: Readonly<Record<string, (event: IncomingEvent, context: C) => Promise<void>>>;
  readonly makeContext: (unit: EventUnit<T>, event: IncomingEvent) => C;
  /** Empties the read model at the start of a rebuild. @default - a rebuild is refused */
  readonly rebuild?: (unit: EventUnit<T>) => Promise<void>;
}

/** A service's events. */
export interface Events<T> {
  /** Writes the event with the transaction: it leaves when, and only when, that commits. */
  publish(transaction: Transaction<T>, event: OutgoingEvent<MessageName>): Promise<void>;
  /** Begins to handle events. Once, after the service has started. */
  consume<C>(options: ConsumeOptions<T, C>): void;
  /** Finishes what is being handled, relays what is in the outbox, and disconnects. */
  stop(): Promise<void>;
}

/** Handlers at work at one time: fewer than the pool has connections, so that events never starve calls. */
const concurrency = 3;

/** Opens a service's events. It does not wait for the log: until that is there, events wait in the outbox. */
export async function openEvents<T>(options: OpenEventsOptions<T>): Promise<Events<T>> {
  const { manifest, database, codec, log, clock } = options;
  const { name, publishes = [], consumes = [] } = manifest;
  const metrics = createEventMetrics(options.registry);
  const { retentionMs } = options;
  const keep = retentionMs === undefined ? {} : { retentionMs };
  const eventLog = options.eventLog ?? new PostgresEventLog({ url: options.eventLogUrl, name, log, clock, ...keep });
  const turns = new Turns(concurrency);
  let subscription: Subscription | undefined;
  const relay = new Relay({
    database: database as unknown as ServiceDatabase<unknown>,
    eventLog,
    clock,
    log,
    onRelayed: metrics.relayed,
  });
  if (publishes.length > 0) relay.start();

  async function publish(transaction: Transaction<T>, event: OutgoingEvent<MessageName>): Promise<void> {
    if (!publishes.includes(event.type)) {
      throw new TypeError(`service '${name}' does not declare that it publishes ${event.type}; add it to its manifest`);
    }
    const payload = codec(event.type).encode(event.payload);
    const record = { id: uuid(), type: event.type, key: event.key, payload, occurredAt: clock.now() };
    await writeOutbox(transaction, record, () => relay.wake());
  }

  const unitOf = (db: Transaction<T>): EventUnit<T> => ({ db, publish: (event) => publish(db, event) });

  async function deliver<C>(delivery: Delivery, how: ConsumeOptions<T, C>): Promise<Handled> {
    const handle = how.handlers[delivery.type];
    if (handle === undefined) throw new Error(`service '${name}' has no handler for ${delivery.type}`);
    const type = delivery.type as MessageName;
    const event: IncomingEvent = {
      id: delivery.id,
      type,
      key: delivery.key,
      occurredAt: delivery.occurredAt,
      payload: codec(type).decode(delivery.payload) as Message<MessageName>,
    };
    return turns.take(() =>
      database.transaction((transaction) => {
        const unit = unitOf(transaction);
        return receive(transaction, delivery, { handle: () => handle(event, how.makeContext(unit, event)) });
      }),
    );
  }

  return {
    publish,
    consume(how) {
      const { rebuild } = how;
      subscription = eventLog.subscribe({
        group: name,
        types: consumes,
        deliver: async (delivery) => {
          try {
            return await deliver(delivery, how);
          } catch (error) {
            if (!(error instanceof StaleGenerationError)) throw error;
            // Either a rebuild begins with this very event, or the event is from before one: then the log tells anew.
            const clear = rebuild && ((transaction: Transaction<T>) => rebuild(unitOf(transaction)));
            const begun = await database.transaction((transaction) =>
              beginGeneration(transaction, delivery.generation, clear),
            );
            if (!begun) throw error;
            return deliver(delivery, how);
          }
        },
        isOutage: isUnreachable,
        observer: metrics,
        rebuildable: rebuild !== undefined,
        ...(options.maxAttempts === undefined ? {} : { maxAttempts: options.maxAttempts }),
        ...(options.firstBackoffMs === undefined ? {} : { firstBackoffMs: options.firstBackoffMs }),
      });
    },
    async stop() {
      await subscription?.stop();
      if (publishes.length > 0) await relay.stop();
      await eventLog.close();
    },
  };
}
