// Runs h2spec against a port and says which of its cases failed, by the names that it has for them.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { need } from './tools.ts';

/** What came of a run. */
export interface H2specRun {
  readonly total: number;
  /** Names of cases, as `http2/5.1.1 Sends even-numbered stream identifier`. */
  readonly failed: readonly string[];
  /** Cases that found nothing to judge, such as a window for an answer without octets. */
  readonly skipped: readonly string[];
}

/** @param parameters further ones of h2spec, such as the number of a section */
export async function runH2spec(port: number, parameters: readonly string[] = []): Promise<H2specRun> {
  const program = need('h2spec');
  const folder = mkdtempSync(join(tmpdir(), 'h2spec-'));
  const report = join(folder, 'report.xml');
  try {
    const fixed = ['-h', '127.0.0.1', '-p', String(port), '-o', '3', '-j', report];
    const child = spawn(program, [...fixed, ...parameters], { stdio: ['ignore', 'ignore', 'inherit'] });
    await new Promise((resolve) => child.on('close', resolve));
    const xml = readFileSync(report, 'utf8');
    const cases = [...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)].map(
      ([, section, title, content = '']) => ({ name: `${section} ${title}`.replaceAll('&#39;', "'"), content }),
    );
    const named = (mark: string): string[] =>
      cases.filter(({ content }) => content.includes(mark)).map(({ name }) => name);
    return {
      total: cases.length,
      failed: [...named('<failure'), ...named('<error')],
      skipped: named('<skipped'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
