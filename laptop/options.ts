// The command line of `npm start`: options, defaults and help. Everything that can be wrong is said before anything starts.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What the person asked for. */
export interface LaptopOptions {
  /** Undefined: 8080, or the next free port. */
  readonly port: number | undefined;
  /** Absolute path of the data folder. */
  readonly data: string;
  /** Services to start; empty: all. */
  readonly only: readonly string[];
  readonly fresh: boolean;
  /** Do not ask before removing data. */
  readonly yes: boolean;
  readonly verbose: boolean;
}

/** A wrong command line; the message is meant for the person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Port of the gateway when it is free. */
export const defaultPort = 8080;

export const help: string = `usage: npm start [-- options]

Starts the whole platform on this machine: PostgreSQL, every service as a process of its own, the gateway.
Ctrl-C drains and stops all of it; the data is there at the next start.

options
  --port N      port of the gateway on 127.0.0.1 (default: ${defaultPort}, or the next free one)
  --data DIR    folder for databases, logs and mail (default: ./data)
  --only A,B    only these services (others that they call answer nothing)
  --fresh       remove the data first, after asking
  --yes         do not ask
  --verbose     show the log lines of all services, not only errors
  --help        this text

Variables of services (see services/*/manifest.ts) are taken from the environment:
  SHIPMENT_STEP=5s npm start
`;

/** @throws UsageError */
export function readOptions(args: readonly string[]): LaptopOptions | 'help' {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return 'help';
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new UsageError(`--port takes a number from 1 to 65535, not '${values.port}'`);
  }
  const only = (values.only ?? []).flatMap((names) => names.split(',')).filter((name) => name !== '');
  return {
    port,
    data: resolve(values.data),
    only,
    fresh: values.fresh,
    yes: values.yes,
    verbose: values.verbose,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      data: { type: 'string', default: 'data' },
      only: { type: 'string', multiple: true },
      fresh: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
