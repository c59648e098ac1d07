// Rows as a Markdown table, and a file whose table between two markers is replaced by a new one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Row } from './compare.ts';

const two = (value: number): string => value.toFixed(2);

/** Ratio with its spread, calls a second, CPU a call, latencies and load. */
export function markdown(rows: readonly Row[]): string {
  const head =
    '| contender | throughput, ratio (min–max) | calls/s | CPU a call, client + server | p50 | p99 | client load | failed |\n|---|---|---|---|---|---|---|---|\n';
  return (
    head +
    rows
      .map(
        (row) =>
          `| ${row.name} | ${two(row.ratio.median)} (${two(row.ratio.min)}–${two(row.ratio.max)}) | ${Math.round(row.callsPerSecond)} | ${Math.round(row.clientCpuUs)} + ${Math.round(row.serverCpuUs)} µs | ${two(row.p50Us / 1000)} ms | ${two(row.p99Us / 1000)} ms | ${Math.round(row.clientLoad * 100)} % | ${row.failures} |\n`,
      )
      .join('')
  );
}

/** Replaces what stands between `<!-- NAME-START -->` and `<!-- NAME-END -->`; adds both at the end where they are missing. */
export function replaceBetweenMarkers(file: string, name: string, text: string): void {
  const [start, end] = [`<!-- ${name}-START -->`, `<!-- ${name}-END -->`];
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const block = `${start}\n${text.trimEnd()}\n${end}`;
  const from = old.indexOf(start);
  const to = old.indexOf(end);
  writeFileSync(
    file,
    from >= 0 && to > from ? old.slice(0, from) + block + old.slice(to + end.length) : `${old.trimEnd()}\n\n${block}\n`,
  );
}
