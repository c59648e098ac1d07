// A document whose tables stand between markers: each is replaced by the run that measured it, the others stay.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const markers = (name: string): readonly [string, string] => [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];

/** What stands between the markers of a name; undefined where they are missing. */
export function section(file: string, name: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const [start, end] = markers(name);
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  return from < 0 || to < from ? undefined : text.slice(from + start.length, to).trim();
}

/** Replaces what stands between the markers of a name. Throws where they are missing: the page says what surrounds a table. */
export function replaceSection(file: string, name: string, text: string): void {
  const [start, end] = markers(name);
  const old = readFileSync(file, 'utf8');
  const from = old.indexOf(start);
  const to = old.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no ${start} … ${end}: put them where the table belongs`);
  writeFileSync(file, `${old.slice(0, from + start.length)}\n\n${text.trim()}\n\n${old.slice(to)}`);
}
