// What dashboards and alerts need of events: how many, how far behind, how many set aside.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeliveryObserver, LogRecord } from './event-log.ts';

/** The metrics of one service's events. */
export interface EventMetrics extends DeliveryObserver {
  relayed(records: readonly LogRecord[]): void;
}

/** Registers the metrics. */
export function createEventMetrics(registry: Registry): EventMetrics {
  const registers = [registry];
  const relayed = new Counter({
    name: 'fairlead_events_relayed_total',
    help: 'Events that were carried from the outbox to the log.',
    labelNames: ['type'],
    registers,
  });
  const handled = new Counter({
    name: 'fairlead_events_handled_total',
    help: 'Deliveries of events by outcome: handled, duplicate, retried, parked.',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const lag = new Gauge({
    name: 'fairlead_event_lag',
    help: 'Events between the end of the log and what was handled, over the partitions that this process holds.',
    labelNames: ['topic'],
    registers,
  });
  return {
    relayed: (records) => {
      for (const { type } of records) relayed.inc({ type });
    },
    handled: (type, outcome) => handled.inc({ type, outcome }),
    lag: (topic, events) => lag.set({ topic }, events),
  };
}
