// How much memory processes take, shared pages divided fairly (PSS). Linux says so; elsewhere nothing is shown.
import { readdirSync, readFileSync } from 'node:fs';

/** Proportional set size in bytes; undefined where the system does not tell. */
export function pssOf(pid: number): number | undefined {
  try {
    const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return match === null ? undefined : Number(match[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** The process and its children: PostgreSQL has one a connection. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  let entries: string[] = [];
  try {
    entries = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return family;
  }
  for (const name of entries) {
    try {
      const parent = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
      if (Number(parent) === pid) family.push(Number(name));
    } catch {
      // It ended while we looked.
    }
  }
  return family;
}

/** Sum over processes; undefined when none of them could be read. */
export function pssSum(pids: readonly number[]): number | undefined {
  const known = pids.map(pssOf).filter((size) => size !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0);
}

/** `47 MiB`. */
export function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${Math.round(bytes / 2 ** 20)} MiB`;
}
