// Commands for a running mesh: `status`, `set`, `fault`, `eject`, `reset`, `rotate`. What they change, `reset` undoes.

import { parseDuration } from '../rules/read/scalars.ts';
import { type Command, pair, textOption, UsageError, type Words } from './command.ts';
import { ask, STATE_HELP, STATE_OPTION } from './control-client.ts';
import type { Output } from './output.ts';
import { writeStatus } from './write-status.ts';

async function tell(options: Words, output: Output, what: string, body?: object): Promise<number> {
  const status = await ask(options, what, body);
  if (options.json === true) output.json(status);
  else writeStatus(status, output);
  return 0;
}

function named(positionals: readonly string[], what: string): string {
  const [name] = positionals;
  if (name === undefined) throw new UsageError(`${what} is missing`);
  return name;
}

export const statusCommand: Command = {
  name: 'status',
  summary: 'a running mesh: rules, workloads, ejections, live changes',
  help: `mesh status [--json]\n\n${STATE_HELP}`,
  options: STATE_OPTION,
  run: (_positionals, options, output) => tell(options, output, 'GET /status'),
};

export const setCommand: Command = {
  name: 'set',
  summary: 'change weights, timeouts or retries of a service, live',
  help: `mesh set SERVICE NAME=VALUE... [--json]

  canary.weight=25             share of the last destination of each split route
  weight.v2=25                 share of one subset; the others keep their proportions
  timeout=2s                   of every route
  retries.attempts=0           of every route; also retries.perTryTimeout and retries.retryOn

A value that makes a rule invalid is refused. "mesh reset" undoes it.

${STATE_HELP}`,
  options: STATE_OPTION,
  async run(positionals, options, output) {
    const service = named(positionals, 'the service');
    const settings = positionals.slice(1).map(pair);
    if (settings.length === 0) throw new UsageError('there is nothing to set: write for example canary.weight=25');
    for (const [path, value] of settings.slice(0, -1))
      await ask(options, 'POST /change', { kind: 'set', service, path, value });
    const [path, value] = settings.at(-1) ?? ['', ''];
    return tell(options, output, 'POST /change', { kind: 'set', service, path, value });
  },
};

export const faultCommand: Command = {
  name: 'fault',
  summary: 'inject delays or failures into calls of a service, live',
  help: `mesh fault SERVICE [--abort STATUS] [--delay DURATION] [--percent N] [--method /package.Service/Method] [--json]

  --abort UNAVAILABLE   answer with this gRPC status, or an HTTP status such as 503, instead of calling
  --delay 500ms         wait so long first
  --percent 50          share of calls (default: 100)
  --method PATH         one method only, or one path at the edge (default: all)

"mesh reset" undoes it.

${STATE_HELP}`,
  options: {
    ...STATE_OPTION,
    abort: { type: 'string' },
    delay: { type: 'string' },
    percent: { type: 'string' },
    method: { type: 'string' },
  },
  async run(positionals, options, output) {
    const service = named(positionals, 'the service');
    const abort = textOption(options, 'abort');
    const delay = textOption(options, 'delay');
    const method = textOption(options, 'method');
    if (abort === undefined && delay === undefined) throw new UsageError('write --abort STATUS or --delay DURATION');
    const percent = Number(textOption(options, 'percent') ?? '100');
    return tell(options, output, 'POST /change', {
      kind: 'fault',
      service,
      percent,
      ...(abort === undefined ? {} : { abort }),
      ...(delay === undefined ? {} : { delay }),
      ...(method === undefined ? {} : { method: method.startsWith('/') ? method : `/${method}` }),
    });
  },
};

export const ejectCommand: Command = {
  name: 'eject',
  summary: 'take an instance out of balancing, live',
  help: `mesh eject INSTANCE [--for DURATION] [--json]

Calls go to the other instances until the time is over, or "mesh reset". Calls that run are not touched.

${STATE_HELP}`,
  options: { ...STATE_OPTION, for: { type: 'string' } },
  async run(positionals, options, output) {
    const text = textOption(options, 'for');
    const forMs = text === undefined ? undefined : parseDuration(text);
    if (text !== undefined && forMs === undefined)
      throw new UsageError(`--for must be a duration such as 30s, not ${JSON.stringify(text)}`);
    return tell(options, output, 'POST /eject', {
      instance: named(positionals, 'the instance'),
      ...(forMs === undefined ? {} : { forMs }),
    });
  },
};

export const resetCommand: Command = {
  name: 'reset',
  summary: 'undo everything that set, fault and eject did',
  help: `mesh reset [--json]\n\n${STATE_HELP}`,
  options: STATE_OPTION,
  run: (_positionals, options, output) => tell(options, output, 'POST /reset'),
};

export const rotateCommand: Command = {
  name: 'rotate',
  summary: 'renew every certificate now, and the root with --root',
  help: `mesh rotate [--root] [--json]\n\n${STATE_HELP}`,
  options: { ...STATE_OPTION, root: { type: 'boolean' } },
  run: (_positionals, options, output) => tell(options, output, 'POST /rotate', { root: options.root === true }),
};
