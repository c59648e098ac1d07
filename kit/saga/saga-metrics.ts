// What dashboards need of sagas: how many start and how they end, how long steps take.
import { Counter, Histogram, type Registry } from 'prom-client';

/** The metrics of one service's sagas. */
export interface SagaMetrics {
  event(saga: string, event: 'started' | 'resumed' | 'completed' | 'compensated' | 'kept'): void;
  /** A try of a step. `seconds` it took. */
  step(
    saga: string,
    step: string,
    how: { direction: 'run' | 'compensate'; outcome: 'ok' | 'error' },
    seconds: number,
  ): void;
}

/** Registers the metrics. */
export function createSagaMetrics(registry: Registry): SagaMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'fairlead_sagas_total',
    help: 'Sagas by what came of them: started, resumed (after a crash or a pause), completed, compensated, kept (a reversal was refused).',
    labelNames: ['saga', 'event'],
    registers,
  });
  const steps = new Histogram({
    name: 'fairlead_saga_step_duration_seconds',
    help: 'Duration of one try of a step.',
    labelNames: ['saga', 'step', 'direction', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers,
  });
  return {
    event: (saga, event) => events.inc({ saga, event }),
    step: (saga, step, how, seconds) => steps.observe({ saga, step, ...how }, seconds),
  };
}
