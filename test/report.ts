// Shows a test run as it goes: a line a file, failures in full, a count at the end.
// A file that ends before it told of any test is a failure of its own; node:test counts it as one.
import { relative } from 'node:path';
import type { EventData, TestsStream } from 'node:test';
import { inspect } from 'node:util';

/** What came of a run. */
export interface Report {
  readonly passed: number;
  readonly failed: number;
}

/** Options of {@link reportTests}. */
export interface ReportOptions {
  /** Folder that paths are shown relative to. */
  readonly root: string;
  /** Number of files of the run. */
  readonly files: number;
  /** Name every test. */
  readonly verbose: boolean;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The error that the test threw, without node:test's own wrapping. */
function shown(failure: EventData.TestFail): string {
  const { error } = failure.details;
  const cause = error.cause instanceof Error || typeof error.cause === 'object' ? error.cause : error;
  return inspect(cause, { colors: process.stdout.hasColors?.() ?? false, depth: 6 }).replaceAll('\n', '\n      ');
}

/** Writes to stdout until the run has ended. */
export async function reportTests(stream: TestsStream, { root, files, verbose }: ReportOptions): Promise<Report> {
  const say = (text: string): void => console.log(text);
  const place = (file: string | undefined): string => (file === undefined ? '' : relative(root, file));
  const failures: string[] = [];
  let ended = 0;
  let report: Report = { passed: 0, failed: 0 };

  stream.on('test:pass', (test) => {
    if (verbose && test.details.type !== 'suite') say(`    ok   ${test.name}`);
  });
  stream.on('test:fail', (test) => {
    // A suite fails because of its tests: those are shown.
    if (test.details.type === 'suite' && test.details.error.message.includes('subtest')) return;
    const name = `  FAIL ${place(test.file)}:${test.line ?? 0} ${test.name}`;
    failures.push(name);
    say(`${name}\n      ${shown(test)}`);
  });
  stream.on('test:stderr', ({ file, message }) => {
    if (!/ExperimentalWarning|--trace-warnings/.test(message)) process.stderr.write(`  ${place(file)}: ${message}`);
  });
  stream.on('test:stdout', ({ message }) => {
    if (verbose) process.stdout.write(message);
  });
  stream.on('test:summary', ({ file, counts, duration_ms: duration, success }) => {
    if (file !== undefined) {
      ended++;
      const count = `${counts.passed} passed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`;
      const verdict = success ? 'ok  ' : 'FAIL';
      say(
        `${verdict} ${String(ended).padStart(String(files).length)}/${files} ${place(file)} (${count}, ${seconds(duration)})`,
      );
      return;
    }
    const { tests, suites, passed, cancelled, skipped, todo } = counts;
    const failed = tests - passed - cancelled - skipped - todo;
    report = { passed, failed: failed + cancelled };
    if (failures.length > 0) say(`\nfailed (see above)\n${failures.join('\n')}`);
    say(
      `\ntests ${tests}, suites ${suites}, pass ${passed}, fail ${failed}, cancelled ${cancelled}, skipped ${skipped}, todo ${todo}`,
    );
    say(`${files} files in ${seconds(duration)}`);
    say(`${report.passed} passed, ${report.failed} failed`);
  });
  for await (const _ of stream);
  return report;
}
