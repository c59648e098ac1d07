// A logger for tests: says nothing, and keeps its lines for whoever asks.
import type { LogFields, Logger } from '../context.ts';

/** One kept line. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines. */
export interface QuietLog extends Logger {
  readonly lines: readonly LogLine[];
}

/** Creates one. */
export function quietLog(): QuietLog {
  const lines: LogLine[] = [];
  const keep =
    (level: LogLine['level']) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
