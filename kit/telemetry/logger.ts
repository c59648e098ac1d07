// JSON lines on standard output, one object a line. Nothing is formatted for a line that is not kept.
// Each line is written at once, not gathered, so that a crash loses none of them.
import { systemClock } from '../clock/system-clock.ts';
import type { LogFields, Logger } from '../context.ts';
import { redact, redactText } from './redact.ts';

/** The least important lines that are kept. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where lines go; `process.stdout` fits. */
export interface LineSink {
  write(text: string): unknown;
}

/** A logger that can be given fields for all of its lines. */
export interface ParentLogger extends Logger {
  /** A logger whose lines carry these fields too. Cheap: they are formatted only with a line. */
  child(fields: LogFields): ParentLogger;
  /** Whether a line of this level would be kept. */
  keeps(level: Exclude<LogLevel, 'silent'>): boolean;
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40, silent: 100 };

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** Fields of every line, such as service and version. @default {} */
  readonly fields?: LogFields;
  /** @default process.stdout */
  readonly sink?: LineSink;
}

/** A logger that writes JSON lines without secrets. */
export function createLogger({ level, fields = {}, sink = process.stdout }: LoggerOptions): ParentLogger {
  return new JsonLogger(ranks[level], sink, undefined, fields);
}

class JsonLogger implements ParentLogger {
  readonly #rank: number;
  readonly #sink: LineSink;
  readonly #parent: JsonLogger | undefined;
  readonly #fields: LogFields;

  constructor(rank: number, sink: LineSink, parent: JsonLogger | undefined, fields: LogFields) {
    this.#rank = rank;
    this.#sink = sink;
    this.#parent = parent;
    this.#fields = fields;
  }

  child(fields: LogFields): ParentLogger {
    return new JsonLogger(this.#rank, this.#sink, this, fields);
  }

  keeps(level: Exclude<LogLevel, 'silent'>): boolean {
    return ranks[level] >= this.#rank;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#rank <= ranks.debug) this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#rank <= ranks.info) this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#rank <= ranks.warn) this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    if (this.#rank <= ranks.error) this.#write('error', message, fields);
  }

  #inherited(): LogFields {
    return this.#parent === undefined ? this.#fields : { ...this.#parent.#inherited(), ...this.#fields };
  }

  #write(level: string, message: string, fields: LogFields | undefined): void {
    const own = { time: systemClock.now().toISOString(), level, message: redactText(message) };
    // The line's own three names come first and cannot be replaced by a field.
    const line = { ...own, ...(redact({ ...this.#inherited(), ...fields }) as object), ...own };
    this.#sink.write(`${serialize(line)}\n`);
  }
}

function serialize(line: object): string {
  try {
    return JSON.stringify(line);
  } catch (error) {
    return JSON.stringify({ level: 'error', message: 'a log line could not be written as JSON', error: String(error) });
  }
}
