// The mesh's memory under load: looked at in even steps, each after a garbage collection, and judged by its slope.

import { type Contender, Processes, type Usage } from './processes.ts';

export interface MemoryOptions {
  readonly minutes: number;
  readonly concurrency: number;
}

const CONTENDER: Contender = { name: 'transport, through the mesh', library: 'transport', mesh: 'linked' };
/**
 * V8 doubles its young generation now and then, up to a bound, and keeps it: steps in the resident set that say nothing of
 * what the mesh holds. So it has its size from the beginning.
 */
const NODE_OPTIONS = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];
const MIB = 1_048_576;
const SAMPLES = 60;
/** Share of the run that is warming up: compiled code, pools and tables grow to their size. */
const WARM_UP = 0.2;
/** Flat: the fitted line of each rises by less than so many MiB over the time that is judged. */
const JUDGED: readonly { readonly name: string; readonly limit: number; readonly of: (usage: Usage) => number }[] = [
  { name: 'V8 heap', limit: 0.5, of: ({ heap }) => heap },
  { name: 'buffers', limit: 0.5, of: ({ buffers }) => buffers },
  { name: 'resident set', limit: 8, of: ({ rss }) => rss },
];

/** Least squares: what the line gains from the first sample to the last, in MiB. */
function gain(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - mean);
    below += (index - middle) ** 2;
  }
  return below === 0 ? 0 : ((above / below) * (values.length - 1)) / MIB;
}

const mib = (octets: number): string => (octets / MIB).toFixed(1);

/** A table of the samples and the verdict. */
export async function watchMemory({
  minutes,
  concurrency,
}: MemoryOptions): Promise<{ readonly flat: boolean; readonly lines: string[] }> {
  const seconds = minutes * 60;
  const stepMs = Math.max(1000, (seconds * 1000) / SAMPLES);
  const processes = await Processes.start(CONTENDER, concurrency, seconds, NODE_OPTIONS);
  const samples: { readonly atS: number; readonly usage: Usage }[] = [];
  const start = performance.now();
  const sample = async (): Promise<void> => {
    const usage = await processes.usage(processes.mesh, true);
    if (usage === undefined) return;
    const atS = Math.round((performance.now() - start) / 1000);
    samples.push({ atS, usage });
    process.stderr.write(
      `${atS} s: heap ${mib(usage.heap)}, buffers ${mib(usage.buffers)}, rss ${mib(usage.rss)} MiB\n`,
    );
  };
  try {
    const load = processes.load();
    let over = false;
    void load.then(() => {
      over = true;
    });
    for (let next = start + stepMs; !over; next += stepMs) {
      await Promise.race([load, new Promise((resolve) => setTimeout(resolve, next - performance.now()))]);
      if (!over) await sample();
    }
    const { calls, failed } = await load;
    const judged = samples.slice(Math.floor(samples.length * WARM_UP));
    const gains = JUDGED.map((each) => ({ ...each, gained: gain(judged.map(({ usage }) => each.of(usage))) }));
    const flat = gains.every(({ gained, limit }) => gained < limit);
    const judgedS = (judged.at(-1)?.atS ?? 0) - (judged[0]?.atS ?? 0);
    const shown = samples.filter((_, index) => (index + 1) % Math.ceil(samples.length / 10) === 0);
    const sentence = gains
      .map(({ name, gained, limit }) => `${name} ${gained.toFixed(2)} (flat: below ${limit})`)
      .join(', ');
    return {
      flat: flat && failed === 0,
      lines: [
        '| after | V8 heap in use, MiB | buffers | resident set |',
        '| ---: | ---: | ---: | ---: |',
        ...shown.map(({ atS, usage: { heap, buffers, rss } }) => {
          const cells = [heap, buffers, rss].map(mib);
          return `| ${atS} s | ${cells.join(' | ')} |`;
        }),
        '',
        `${calls.toLocaleString('en')} calls, ${failed} failed. ${samples.length} samples, each after a garbage collection, with V8's young generation of fixed size; over the last ${judgedS} s their`,
        `least-squares line gains, in MiB: ${sentence}. Verdict: ${flat ? 'flat' : 'not flat'}.`,
      ],
    };
  } finally {
    await processes.end();
  }
}
