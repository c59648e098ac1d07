// `npm start`: the whole platform on this machine, until Ctrl-C.
// Reads options, asks before it removes anything, shows what happens, and leaves no process behind.
import { createInterface } from 'node:readline/promises';
import { type DataFolder, freshRemoves, openDataFolder } from './data/data-folder.ts';
import { type FoundServices, findServices, type Instance } from './find-services.ts';
import { gatewayPort } from './gateway-port.ts';
import { defaultPort, help, type LaptopOptions, readOptions, UsageError } from './options.ts';
import { type Platform, startPlatform } from './platform.ts';
import { familyOf, mebibytes, pssOf, pssSum } from './processes/memory.ts';
import { complain, progress, say, secondsUp, table } from './screen.ts';
import { whatToTry } from './what-to-try.ts';

const minimumNode = 24;

async function confirmFresh(options: LaptopOptions): Promise<void> {
  const removed = freshRemoves(options.data);
  if (!options.fresh || options.yes || removed.length === 0) return;
  const question = `Remove ${removed.join(', ')} in ${options.data}? All data of the platform is lost. [y/N] `;
  if (!process.stdin.isTTY)
    throw new UsageError(`--fresh would remove data in ${options.data}; add --yes to do so without being asked`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('nothing was removed and nothing was started');
}

/** While others still start, calls fail and are made again: errors of that time are in the log files only. */
function echo(verbose: boolean, started: () => boolean): (instance: Instance, line: string) => void {
  return ({ name }, line) => {
    const isLog = line.startsWith('{');
    if (verbose || !isLog || (started() && line.includes('"level":"error"'))) complain(`  ${name} | ${line}`);
  };
}

function summary({ postgres, processes }: Platform): string {
  const rows = processes.map(({ process: { instance, state, pid }, address, adminPort }) => [
    instance.service,
    instance.version,
    address,
    `http://127.0.0.1:${adminPort}`,
    state === 'ready' ? 'SERVING' : state.toUpperCase(),
    mebibytes(pid === undefined ? undefined : pssOf(pid)),
  ]);
  const family = familyOf(postgres.pid);
  rows.push(['postgres', '18', `127.0.0.1:${postgres.port}`, '', 'SERVING', mebibytes(pssSum(family))]);
  rows.push(['(launcher)', '', '', '', '', mebibytes(pssOf(process.pid))]);
  const pids = processes.map(({ process: { pid } }) => pid).filter((pid) => pid !== undefined);
  const sum = mebibytes(pssSum([...pids, ...family, process.pid]));
  return `${table(['service', 'version', 'address', 'admin', 'health', 'memory'], rows)}\n  memory of all processes: ${sum} (PSS)`;
}

async function start(
  options: LaptopOptions,
  { instances, incomplete }: FoundServices,
  data: DataFolder,
): Promise<void> {
  if (incomplete.length > 0) progress(`without handlers, not started: ${incomplete.join(', ')}`);
  const port = await gatewayPort(options.port);
  if (options.port === undefined && port !== defaultPort)
    progress(`port ${defaultPort} is taken, the gateway gets ${port}`);
  if (data.isNew) progress(`first start: making the databases in ${data.path}`);

  const { promise: asked, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const enough = new AbortController();
  function ask(signal: NodeJS.Signals): void {
    // Asked again, a person wants it now: services and database notice that the launcher is gone.
    if (enough.signal.aborted && signal === 'SIGINT') process.exit(130);
    enough.abort();
    resolve(signal);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  // A program that started it over a channel is gone, however that ended: nobody is left who would stop it.
  process.once('disconnect', () => ask('SIGHUP'));
  process.channel?.unref();
  if (process.connected === false) ask('SIGHUP');
  let started = false;
  const platform = await startPlatform({
    data,
    instances,
    port,
    signal: enough.signal,
    onProgress: progress,
    onLine: echo(options.verbose, () => started && !enough.signal.aborted),
    onNews: (who, news) => complain(`  ${who} ${news}`),
  });
  started = true;
  if (!enough.signal.aborted)
    announce(platform, { data, port, services: new Set(instances.map(({ service }) => service)) });
  const signal = await asked;
  say();
  progress(`${signal}: draining`);
  await platform.stop();
  progress('stopped');
}

interface Announcement {
  readonly data: DataFolder;
  readonly port: number;
  readonly services: ReadonlySet<string>;
}

function announce(platform: Platform, { data, port, services }: Announcement): void {
  const gateway = `http://127.0.0.1:${port}`;
  data.announce(gateway);
  const failed = platform.processes.filter(({ process: { state } }) => state !== 'ready');
  say(`\n${summary(platform)}\n`);
  say(whatToTry(gateway, services));
  const names = failed.map(({ process: { instance } }) => instance.name).join(', ');
  say(names === '' ? `\nReady after ${secondsUp()} s.` : `\nNot ready: ${names}; logs are in ${data.logs}.`);
  say('Ctrl-C stops everything.');
}

async function main(): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < minimumNode) {
    complain(
      `Fairlead needs Node ${minimumNode} or newer, this is ${process.version}; start it with 'npm start', which brings it`,
    );
    return 1;
  }
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') {
      say(help);
      return 0;
    }
    const services = await findServices(options.only);
    await confirmFresh(options);
    const data = openDataFolder(options.data, options.fresh);
    try {
      await start(options, services, data);
    } finally {
      data.close();
    }
    return 0;
  } catch (error) {
    complain(
      error instanceof UsageError
        ? error.message
        : `could not start: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return error instanceof UsageError ? 64 : 1;
  }
}

process.exitCode = await main();
