// Which of the called services an edge still waits for before it says that it is ready: its first request should succeed.
// Asked once each at start. A service that goes down later changes nothing, because an edge serves what is left; nor does
// one that never comes keep the edge out of service for ever.
import { after } from '../../clock/timers.ts';
import type { Logger } from '../../context.ts';
import type { HealthStatus } from '../../edge.ts';

/** Options of {@link CalledServices}. */
export interface CalledServicesOptions {
  readonly names: readonly string[];
  readonly health: (name: string, signal: AbortSignal) => Promise<HealthStatus>;
  readonly log: Logger;
  /** How long to wait for all of them, in milliseconds. @default 30,000 */
  readonly patienceMs?: number;
}

const askEveryMs = 150;

/** Waits for services, from now on. */
export class CalledServices {
  readonly #options: CalledServicesOptions;
  readonly #waiting: Set<string>;
  readonly #end = new AbortController();
  readonly #patience: NodeJS.Timeout;

  constructor(options: CalledServicesOptions) {
    this.#options = options;
    this.#waiting = new Set(options.names);
    this.#patience = after(options.patienceMs ?? 30_000, giveUp, this).unref();
    for (const name of options.names) void this.#ask(name);
  }

  /** Services that have not been seen serving yet; empty once and for all when the edge may take requests. */
  waitingFor(): readonly string[] {
    return [...this.#waiting];
  }

  stop(): void {
    clearTimeout(this.#patience);
    this.#end.abort();
  }

  /** Goes on without those that did not come. */
  goOn(): void {
    this.stop();
    if (this.#waiting.size === 0) return;
    this.#options.log.warn('ready without services that do not serve', { services: this.waitingFor() });
    this.#waiting.clear();
  }

  async #ask(name: string): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      if ((await this.#options.health(name, signal)) === 'SERVING') {
        this.#waiting.delete(name);
        if (this.#waiting.size === 0) this.stop();
        return;
      }
      await new Promise<void>((resolve) => after(askEveryMs, resolve, undefined).unref());
    }
  }
}

function giveUp(services: CalledServices): void {
  services.goOn();
}
