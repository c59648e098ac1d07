// Events around a service under test: publish as others would, and wait for what it publishes.
import { v7 as uuid } from 'uuid';
import type { Clock } from '../clock/clock.ts';
import type { IncomingEvent, OutgoingEvent } from '../context.ts';
import { codecIn } from '../contract/codec.ts';
import { type ContractSource, platformContracts } from '../contract/contract-source.ts';
import type { Message, MessageName } from '../contract/shapes.ts';
import { PostgresEventLog } from '../events/postgres/postgres-event-log.ts';
import { quietLog } from './quiet-log.ts';

/** The other side of a service's events. */
export interface TestEvents {
  /** Appends an event to the log, as another service's relay would; gives its id. */
  publish<N extends MessageName>(event: OutgoingEvent<N> & { readonly id?: string }): Promise<string>;
  /** Waits for an event that the service published, past or to come. */
  next<N extends MessageName>(type: N, matches?: (event: IncomingEvent<N>) => boolean): Promise<IncomingEvent<N>>;
  /** Begins a rebuild of a service's read model, as `npm run events -- rebuild` does. */
  rebuild(service: string): Promise<number>;
  /** All events that have arrived from the service so far. */
  readonly published: readonly IncomingEvent[];
  stop(): Promise<void>;
}

/** Options of {@link openTestEvents}. */
export interface TestEventsOptions {
  readonly eventLogUrl: string;
  /** Types that the service publishes. */
  readonly types: readonly MessageName[];
  readonly clock: Clock;
  readonly contracts?: ContractSource | undefined;
}

/** Opens the log from the other side. */
export function openTestEvents({
  eventLogUrl,
  types,
  clock,
  contracts = platformContracts,
}: TestEventsOptions): TestEvents {
  const log = new PostgresEventLog({ url: eventLogUrl, name: 'test', log: quietLog(), clock });
  const published: IncomingEvent[] = [];
  const waiting = new Set<() => void>();
  if (types.length > 0) {
    log.subscribe({
      group: `test-${uuid()}`,
      types,
      deliver: async ({ id, type, key, occurredAt, payload }) => {
        const message = codecIn(contracts, type).decode(payload) as Message<MessageName>;
        published.push({ id, type: type as MessageName, key, occurredAt, payload: message });
        for (const look of [...waiting]) look();
        return 'handled';
      },
      isOutage: () => true,
      observer: { handled: () => {}, lag: () => {} },
    });
  }
  return {
    published,
    async publish({ id = uuid(), type, key, payload }) {
      // Resolves once the log is connected.
      await log.parked('test');
      await log.append([
        { id, type, key, payload: codecIn(contracts, type).encode(payload as object), occurredAt: clock.now() },
      ]);
      return id;
    },
    next(type, matches = () => true) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = published.find((event) => event.type === type && matches(event as never));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found as never);
        };
        waiting.add(look);
        look();
      });
    },
    rebuild: (service) => log.rebuild(service),
    stop: () => log.close(),
  };
}
