// A metric whose samples are computed when /metrics is read; prom-client only writes them out.
// Recording through prom-client itself would hash the labels of every observation.
import { Gauge } from 'prom-client';
import { durationBounds, type Latencies } from './latencies.ts';

/** One line of /metrics. */
export interface Sample {
  readonly labels: Record<string, string | number>;
  /** @default - the metric's name */
  readonly metricName?: string;
  readonly value: number;
}

type GaugeObject = Awaited<ReturnType<Gauge['get']>>;

/** A metric of any type, computed. */
export class ComputedMetric extends Gauge {
  readonly #head: { readonly name: string; readonly help: string; readonly type: string };
  readonly #samples: () => Sample[];

  constructor(name: string, help: string, type: 'histogram' | 'gauge' | 'counter', samples: () => Sample[]) {
    super({ name, help, registers: [] });
    this.#head = { name, help, type };
    this.#samples = samples;
  }

  override async get(): Promise<GaugeObject> {
    // The registry reads name, help, type and values; a gauge's declared type is an enum that does not exist at run time.
    return { ...this.#head, values: this.#samples(), aggregator: 'sum' } as unknown as GaugeObject;
  }
}

/** The lines of a histogram of durations. */
export function histogramSamples(
  name: string,
  labels: Readonly<Record<string, string>>,
  latencies: Latencies,
): Sample[] {
  let cumulative = 0;
  const buckets = durationBounds.map((bound, index) => {
    cumulative += latencies.counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: latencies.count },
    { metricName: `${name}_sum`, labels, value: latencies.sum },
    { metricName: `${name}_count`, labels, value: latencies.count },
  ];
}
