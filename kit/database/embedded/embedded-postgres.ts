// Runs the PostgreSQL that npm installed, in a folder of its own: what a laptop and the tests store their data in.
// The server ends with the process that started it, even when that is killed: a guard shell waits for the end of its input.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processEnvironment } from '../../config/process-environment.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { FolderInUseError, type FolderLock, lockFolder } from './folder-lock.ts';
import { freePort } from './free-port.ts';
import { processCommand, processIdentity } from './process-identity.ts';
import { type RunAs, runAs } from './run-as.ts';
import { serverSettings } from './server-settings.ts';

/** Options of {@link startEmbeddedPostgres}. */
export interface EmbeddedPostgresOptions {
  /** Folder for the cluster, its password and its log; made when it is missing. */
  readonly folder: string;
  /** Port wanted on 127.0.0.1; when it is taken, another one is used. @default - the last one, else any free one */
  readonly port?: number;
  /** False trades crash safety for speed: for tests only. @default true */
  readonly durable?: boolean;
}

/** A running server. */
export interface EmbeddedPostgres {
  readonly port: number;
  /** Process id of the server's first process. */
  readonly pid: number;
  /** File that the server logs to. */
  readonly logFile: string;
  /** Connection URL of a database as the superuser; it holds a password. */
  url(database?: string): string;
  /** Resolves when the server has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Ends it (fast shutdown: open transactions are rolled back, everything committed is kept). */
  stop(): Promise<void>;
}

/** Runs "$@" and asks it to end (SIGINT, fast shutdown) when standard input ends. */
const guard = `exec 3<&0; "$@" 3<&- </dev/null & child=$!
(cat <&3 >/dev/null; kill -INT $child) >/dev/null 2>&1 & wait $child`;

const environment = { PATH: processEnvironment().PATH, TZ: 'UTC', LC_ALL: 'C', LANG: 'C' };
const logLimit = 5_000_000;

function passwordOf(folder: string): string {
  const path = join(folder, 'password');
  if (!existsSync(path)) writeFileSync(path, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}

async function initialise(folder: string, binaries: PostgresBinaries, as: RunAs, durable: boolean): Promise<void> {
  const cluster = join(folder, 'cluster');
  // A folder without PG_VERSION is what an interrupted initdb left behind: it never held data.
  rmSync(cluster, { recursive: true, force: true });
  const passwordFile = join(folder, 'initdb-password');
  writeFileSync(passwordFile, passwordOf(folder), { mode: 0o600 });
  mkdirSync(cluster, { mode: 0o700 });
  if (as.uid !== undefined && as.gid !== undefined) {
    chownSync(passwordFile, as.uid, as.gid);
    chownSync(cluster, as.uid, as.gid);
  }
  const words = [
    ...as.prefix,
    binaries.initdb,
    `--pgdata=${cluster}`,
    `--pwfile=${passwordFile}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  const [file = '', ...args] = words;
  try {
    await promisify(execFile)(file, args, { env: environment, cwd: '/', ...identity(as) });
  } catch (cause) {
    const output = (cause as { stderr?: string }).stderr ?? '';
    throw new Error(`PostgreSQL could not make its data folder ${cluster}: ${output.trim() || String(cause)}`, {
      cause,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** `setpriv` changes the account itself; without it the account is set at the start of the process. */
function identity(as: RunAs): { uid?: number; gid?: number } {
  return as.prefix.length > 0 || as.uid === undefined || as.gid === undefined ? {} : { uid: as.uid, gid: as.gid };
}

function postmasterFile(cluster: string): readonly string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Greater than any process id that systems give out by default. */
const deadPid = 4_194_303;

/**
 * Ends a server that outlived its guard. A pid file whose process id was given to another program meanwhile is made to name a
 * dead process; it is not removed, because PostgreSQL learns from it whether old backends are still at work.
 */
async function clearPrevious(cluster: string): Promise<void> {
  const [first = '', ...rest] = postmasterFile(cluster);
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const isOurs = (): boolean => processIdentity(pid) !== undefined && (processCommand(pid)?.includes(cluster) ?? false);
  if (isOurs()) {
    process.kill(pid, 'SIGINT');
    for (let waited = 0; isOurs(); waited += 50) {
      if (waited === 10_000) process.kill(pid, 'SIGQUIT');
      if (waited > 20_000) throw new Error(`the PostgreSQL of an earlier run (process ${pid}) does not end; kill it`);
      await sleep(50);
    }
  } else if (processIdentity(pid) !== undefined) {
    writeFileSync(join(cluster, 'postmaster.pid'), [deadPid, ...rest].join('\n'));
  }
}

/** Process id and start time: tells one server's pid file from the next one's. */
function serverOf(cluster: string): string {
  const [pid, , started] = postmasterFile(cluster);
  return `${pid} ${started}`;
}

/**
 * Resolves with the server's process id when it accepts connections, with undefined when it ended before.
 *
 * @param previous what {@link serverOf} said before it was started: a killed server's file says 'ready' still
 */
async function ready(cluster: string, child: ChildProcess, previous: string): Promise<number | undefined> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) return undefined;
    const lines = postmasterFile(cluster);
    if (lines[7]?.trim() === 'ready' && serverOf(cluster) !== previous) return Number(lines[0]);
    await sleep(20);
  }
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(path, size > logLimit ? 'w' : 'a', 0o600);
}

/** What the log says from this octet on. */
function logFrom(path: string, from: number): string {
  return readFileSync(path).subarray(from).toString('utf8').trim();
}

async function run(
  folder: string,
  binaries: PostgresBinaries,
  as: RunAs,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const cluster = join(folder, 'cluster');
  const portFile = join(folder, 'port');
  const logFile = join(folder, 'postgres.log');
  let wanted = options.port ?? (existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(wanted);
    const log = openLog(logFile);
    const before = statSync(logFile).size;
    const previous = serverOf(cluster);
    const words = [...as.prefix, binaries.postgres, '-D', cluster, ...serverSettings(port, options.durable ?? true)];
    // A group of its own: Ctrl-C in a terminal reaches the services, which still need their database to drain.
    const child = spawn('/bin/sh', ['-c', guard, 'postgres-guard', ...words], {
      env: environment,
      cwd: '/',
      detached: true,
      stdio: ['pipe', log, log],
      ...identity(as),
    });
    closeSync(log);
    child.stdin?.on('error', () => {});
    const ended = new Promise<void>((settle) => child.once('close', () => settle()));
    const pid = await ready(cluster, child, previous);
    if (pid !== undefined) {
      writeFileSync(portFile, String(port));
      child.unref();
      return handle({ folder, child, ended, pid, port, logFile });
    }
    child.stdin?.destroy();
    const said = logFrom(logFile, before);
    const portTaken = /address already in use|could not bind/i.test(said);
    // Backends of a killed server see within moments that it is gone; each of them writes a line of its own meanwhile.
    const oldBackends = /shared memory block .* is still in use/i.test(said);
    if (oldBackends) await sleep(200);
    if (attempt >= (oldBackends ? 50 : 5) || !(portTaken || oldBackends)) {
      const tail = said.split('\n').slice(-8).join('\n');
      throw new Error(`PostgreSQL in ${folder} ended at its start. The end of ${logFile}:\n${tail}`);
    }
    if (portTaken) wanted = 0;
  }
}

interface Running {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly pid: number;
  readonly port: number;
  readonly logFile: string;
}

function handle({ folder, child, ended, pid, port, logFile }: Running): EmbeddedPostgres {
  const password = passwordOf(folder);
  return {
    port,
    pid,
    logFile,
    ended,
    url: (database = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    async stop() {
      child.ref();
      child.stdin?.end();
      const late = setTimeout(() => process.kill(pid, 'SIGQUIT'), 20_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/**
 * Starts the server, after making its cluster when the folder has none. Works as root and as a normal user; a server
 * that an earlier, killed run left behind is ended first.
 *
 * @throws Error that says what to do when the folder is in use by a living process, or the server does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  const cluster = join(folder, 'cluster');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (statSync(folder).uid === process.getuid?.()) chmodSync(folder, 0o711);
  let lock: FolderLock;
  try {
    lock = lockFolder(join(folder, 'lock'));
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    throw new Error(`the PostgreSQL data in ${folder} is in use by process ${error.pid}; stop that one first`, {
      cause: error,
    });
  }
  try {
    const binaries = postgresBinaries();
    const as = runAs(cluster, [folder, join(binaries.postgres, '..')]);
    await clearPrevious(cluster);
    if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(folder, binaries, as, options.durable ?? true);
    const server = await run(folder, binaries, as, options);
    void server.ended.then(() => lock.release());
    return server;
  } catch (error) {
    lock.release();
    throw error;
  }
}
