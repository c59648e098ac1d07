// The table of `npm run proof`: on the terminal, and between markers in docs/proof.md with date, machine and command.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Suite } from './suites.ts';
import type { Tally } from './tally.ts';

/** What came of one suite. */
export interface Row {
  readonly name: string;
  readonly tool: string;
  readonly outcome: 'ok' | 'failed' | 'missing';
  /** @default - the suite counts nothing, or did not come so far */
  readonly tally?: Tally;
  readonly seconds: number;
  /** Of a missing one: the command that installs its tool. */
  readonly remark?: string;
}

const [begin, end] = ['<!-- proof:start -->', '<!-- proof:end -->'];
const heads = ['suite', 'tool', 'passed', 'time'];

function passed({ outcome, tally, remark }: Row): string {
  if (outcome === 'missing') return `tool is missing: ${remark}`;
  const count = tally === undefined ? '' : `${tally.passed} of ${tally.total}`;
  return outcome === 'ok' ? count : `FAILED ${count}`.trim();
}

function cells(row: Row): string[] {
  return [row.name, row.tool, passed(row), row.outcome === 'missing' ? '' : `${row.seconds} s`];
}

/** The rows as aligned text. */
export function table(rows: readonly Row[]): string {
  const lines = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Name of the suite that a line of the document's table is about. */
const nameIn = (line: string): string | undefined => /^\| ([^|]+?) \|/.exec(line)?.[1];

/**
 * Writes the rows between the document's markers. Rows of suites that exist but did not run stay, with the date that they have.
 *
 * @throws Error when the document has no markers
 */
export async function writeTable(
  file: string,
  rows: readonly Row[],
  suites: readonly Suite[],
  command: string,
): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`${file} has no line ${begin} followed by ${end}`);
  const date = new Date().toISOString().slice(0, 10);
  const old = new Map(
    text
      .slice(start, stop)
      .split('\n')
      .map((line) => [nameIn(line), line]),
  );
  const ran = new Map(rows.map((row) => [row.name, `| ${[...cells(row), date].join(' | ')} |`]));
  const lines = suites.map(({ name }) => ran.get(name) ?? old.get(name)).filter((line) => line !== undefined);
  const machine = `${cpus().length} cores, Node ${process.version}`;
  const written = [
    begin,
    '',
    `Last run: \`${command}\`, ${date}, ${machine}.`,
    '',
    `| ${heads.join(' | ')} | date |`,
    '|---|---|---:|---:|---|',
    ...lines,
    '',
  ];
  await writeFile(file, text.slice(0, start) + written.join('\n') + text.slice(stop));
}
