// Istio's standard metrics, kept as plain numbers and written as text only when Prometheus asks.
// Names, labels and buckets: https://istio.io/latest/docs/reference/config/metrics/ and Envoy's default histogram buckets.

const BUCKETS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

export type MetricName =
  | 'istio_requests_total'
  | 'istio_request_duration_milliseconds'
  | 'istio_request_bytes'
  | 'istio_response_bytes';

const HELP: Readonly<Record<MetricName, string>> = {
  istio_requests_total: 'Requests handled by a sidecar.',
  istio_request_duration_milliseconds: 'Duration of requests.',
  istio_request_bytes: 'Size of request bodies.',
  istio_response_bytes: 'Size of response bodies.',
};

class Histogram {
  readonly counts = new Float64Array(BUCKETS.length + 1);
  sum = 0;
  count = 0;

  add(value: number): void {
    let bucket = 0;
    while (bucket < BUCKETS.length && value > (BUCKETS[bucket] ?? 0)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
  }
}

/** One combination of labels. */
export class Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly #text: string;
  readonly #duration = new Histogram();
  readonly #requestBytes = new Histogram();
  readonly #responseBytes = new Histogram();
  count = 0;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
    this.#text = Object.entries(labels)
      .map(
        ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
      )
      .join(',');
  }

  add(durationMs: number, requestBytes: number, responseBytes: number): void {
    this.count++;
    this.#duration.add(durationMs);
    this.#requestBytes.add(requestBytes);
    this.#responseBytes.add(responseBytes);
  }

  write(name: MetricName, lines: string[]): void {
    if (name === 'istio_requests_total') {
      lines.push(`${name}{${this.#text}} ${this.count}`);
      return;
    }
    const histogram =
      name === 'istio_request_bytes'
        ? this.#requestBytes
        : name === 'istio_response_bytes'
          ? this.#responseBytes
          : this.#duration;
    let total = 0;
    BUCKETS.forEach((bound, index) => {
      total += histogram.counts[index] ?? 0;
      lines.push(`${name}_bucket{${this.#text},le="${bound}"} ${total}`);
    });
    lines.push(
      `${name}_bucket{${this.#text},le="+Inf"} ${histogram.count}`,
      `${name}_sum{${this.#text}} ${histogram.sum}`,
      `${name}_count{${this.#text}} ${histogram.count}`,
    );
  }
}

export class StandardMetrics {
  readonly #series = new Map<string, Series>();
  /** Metrics that a Telemetry object switched off. */
  disabled: ReadonlySet<MetricName> = new Set();

  series(labels: Readonly<Record<string, string>>): Series {
    const key = Object.values(labels).join('\0');
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new Series(labels);
      this.#series.set(key, series);
    }
    return series;
  }

  all(): readonly Series[] {
    return [...this.#series.values()];
  }

  /** The text format of Prometheus, version 0.0.4. */
  expose(): string {
    const lines: string[] = [];
    for (const name of Object.keys(HELP) as MetricName[]) {
      if (this.disabled.has(name)) continue;
      lines.push(`# HELP ${name} ${HELP[name]}`, `# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'histogram'}`);
      for (const series of this.#series.values()) series.write(name, lines);
    }
    return `${lines.join('\n')}\n`;
  }
}
