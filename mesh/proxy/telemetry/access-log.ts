// The access log: one JSON object a line, with the field names of Istio's JSON access log.
// Lines are written in batches; a full disk costs log lines, never calls. The file is turned over at a bound.

import { appendFile, rename, stat } from 'node:fs/promises';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_WAITING = 10_000;
const INTERVAL_MS = 200;

export class AccessLog {
  readonly path: string;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  dropped = 0;

  constructor(path: string) {
    this.path = path;
  }

  write(entry: Readonly<Record<string, string | number | undefined>>): void {
    if (this.#lines.length >= MAX_WAITING) {
      this.dropped++;
      return;
    }
    this.#lines.push(JSON.stringify(entry));
    this.#timer ??= setTimeout(() => void this.flush(), INTERVAL_MS);
    this.#timer.unref();
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0) return this.#writing;
    this.#writing = this.#writing.then(async () => {
      try {
        await appendFile(this.path, `${lines.join('\n')}\n`, { mode: 0o600 });
        if ((await stat(this.path)).size > MAX_BYTES) await rename(this.path, `${this.path}.1`);
      } catch {
        this.dropped += lines.length;
      }
    });
    return this.#writing;
  }
}
