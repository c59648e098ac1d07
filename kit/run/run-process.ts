// One service as a process: started from the environment, drained by SIGTERM or SIGINT, exit codes that mean something.
// 0 after draining, 1 when it could not start or run on, 64 for a wrong command line, 78 for a bad environment (sysexits.h).
import { existsSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import { processEnvironment } from '../config/process-environment.ts';
import type { Service } from '../service.ts';
import { type RunningService, startService } from './start-service.ts';

const usageCode = 64;
const configCode = 78;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function loadService(name: string): Promise<Service> {
  const url = new URL(`../../services/${name}/service.ts`, import.meta.url);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || !existsSync(url)) {
    say(`there is no service '${name}': services/${name}/service.ts was not found`);
    process.exit(usageCode);
  }
  const module = (await import(url.href)) as { readonly default: Service };
  return module.default;
}

/** Runs a service until it is told to stop. */
export async function runProcess(name: string | undefined): Promise<void> {
  if (name === undefined) {
    say('usage: node kit/run/main.ts <service>, for example: node kit/run/main.ts payment');
    process.exit(usageCode);
  }
  let running: RunningService | undefined;
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // Asked twice, a person wants it now.
    if (stopping) process.exit(1);
    stopping = true;
    running?.application.log.info('draining', { signal });
    if (running === undefined) process.exit(0);
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        say(String(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    running = await startService(await loadService(name), { env: processEnvironment() });
  } catch (error) {
    if (error instanceof ConfigError) {
      say(`${name}: ${error.message}`);
      process.exit(configCode);
    }
    say(`${name} could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(1);
  }
}
