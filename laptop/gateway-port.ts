// Which port the gateway gets: the one that was asked for or none, otherwise the usual one or the next that is free.
import { freePort } from '#kit/database/embedded/free-port.ts';
import { defaultPort, UsageError } from './options.ts';

/** How many ports after the usual one are tried. */
const range = 100;

/** @throws UsageError when the port that was asked for is taken */
export async function gatewayPort(asked: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if ((await freePort(asked)) === asked) return asked;
    throw new UsageError(`port ${asked} of 127.0.0.1 is taken; free it, or choose another with --port`);
  }
  for (let port = defaultPort; port < defaultPort + range; port++) if ((await freePort(port)) === port) return port;
  throw new UsageError(`ports ${defaultPort} to ${defaultPort + range - 1} are all taken; choose one with --port`);
}
