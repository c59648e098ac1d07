// The environment of this process. The only place of the kit that looks at it.
import type { Environment } from './read-config.ts';

/** Environment variables of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
