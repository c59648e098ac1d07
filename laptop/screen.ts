// What the launcher shows: progress, news, the table, what to try next. Times count from the start.
// The only file of the launcher that writes to the terminal.

const started = performance.now();

// Whoever read this may be gone, which is no reason to fail while draining.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

function stamp(): string {
  return `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
}

/** A line of progress. */
export function progress(text: string): void {
  process.stdout.write(`${stamp()}  ${text}\n`);
}

/** A line or block without a time. */
export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Something went wrong. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Rows under a head, columns as wide as they need. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

/** Seconds since the start, one decimal. */
export function secondsUp(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
