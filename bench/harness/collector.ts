// Starts the stand-in for an OpenTelemetry collector that the kit sends its sampled spans to while it is measured.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A collector in a process of its own. */
export interface Collector {
  readonly url: string;
  /** How much came so far. */
  received(): Promise<{ readonly requests: number; readonly octets: number }>;
  stop(): void;
}

/** Starts it on a free port. */
export async function startCollector(): Promise<Collector> {
  const program = fileURLToPath(new URL('../contenders/collector.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: port } = await lines.next();
  if (port === undefined) throw new Error('the collector did not start; its output above says why');
  return {
    url: `http://127.0.0.1:${port}`,
    async received() {
      child.stdin.write('?\n');
      return JSON.parse((await lines.next()).value ?? '{}');
    },
    stop: () => child.stdin.end(),
  };
}
