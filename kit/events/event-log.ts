// The durable log that events travel through. One interface, so that a laptop uses PostgreSQL and a cluster may use Kafka.
// Every implementation passes `event-log.contract.ts`: order by key, groups, repeats after a crash, poison set aside.

/** An event as the log carries it. */
export interface LogRecord {
  /** UUID; the log holds an id once, however often it is appended. */
  readonly id: string;
  /** Full name of the payload's message. */
  readonly type: string;
  readonly key: string;
  readonly payload: Buffer;
  readonly occurredAt: Date;
}

/** A record on its way to a consumer. */
export interface Delivery extends LogRecord {
  /** Number of rebuilds of the group; a consumer whose own number is greater refuses the delivery. */
  readonly generation: number;
}

/** What came of a delivery. */
export type Handled = 'handled' | 'duplicate';

/** Rejects a delivery of an earlier generation: the log delivers from the new start. */
export class StaleGenerationError extends Error {
  override readonly name = 'StaleGenerationError';
}

/** Told of what happens to deliveries, for metrics. */
export interface DeliveryObserver {
  handled(type: string, outcome: Handled | 'retried' | 'parked'): void;
  /** Events behind the end of the log, over the partitions that this process holds. */
  lag(topic: string, events: number): void;
}

/** Options of a subscription. */
export interface SubscribeOptions {
  /** Consumers of one group share the work; each group gets every event. */
  readonly group: string;
  /** Types that are delivered; others of the same topics are passed over. */
  readonly types: readonly string[];
  /** Handles one event. Called for one event of a key at a time, in order; a rejection is tried again. */
  readonly deliver: (delivery: Delivery) => Promise<Handled>;
  /** True for an error that says nothing about the event (the consumer's own database is gone): tried again without end. */
  readonly isOutage: (error: unknown) => boolean;
  readonly observer: DeliveryObserver;
  /** The group may be started from the beginning: its effects are a model that can be emptied. @default false */
  readonly rebuildable?: boolean;
  /** Failed tries after which an event is parked. @default 8 */
  readonly maxAttempts?: number;
  /** Pause after the first failed try, in milliseconds; doubled each time, 10 s at most. @default 100 */
  readonly firstBackoffMs?: number;
}

/** A running subscription. */
export interface Subscription {
  /** Finishes the events that are being handled, and gives its partitions to the others of the group. */
  stop(): Promise<void>;
}

/** An event that a group could not handle. Its group goes on without it. */
export interface ParkedEvent {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly error: string;
  readonly attempts: number;
  readonly parkedAt: Date;
}

/** How a group stands. */
export interface GroupStatus {
  readonly group: string;
  /** Number of rebuilds. */
  readonly generation: number;
  /** Events of its topics that it is not done with. */
  readonly lag: number;
  /** Events that it set aside. */
  readonly parked: number;
}

/** The log. */
export interface EventLog {
  /** Adds records in their order, those of a known id left out. Rejects when the log cannot be reached: append again. */
  append(records: readonly LogRecord[]): Promise<void>;
  subscribe(options: SubscribeOptions): Subscription;
  /** Events that the group set aside, oldest first. */
  parked(group: string): Promise<readonly ParkedEvent[]>;
  /** Delivers parked events once more, all of the group when no ids are given; says how many. They come after events that were younger. */
  unpark(group: string, ids?: readonly string[]): Promise<number>;
  /**
   * Starts the group from the beginning of the log, with a greater generation number, which is returned.
   *
   * @throws RpcError NOT_FOUND for an unknown group, FAILED_PRECONDITION for one that is not rebuildable
   */
  rebuild(group: string): Promise<number>;
  /** All groups that have read the log, by name. */
  status(): Promise<readonly GroupStatus[]>;
  close(): Promise<void>;
}
