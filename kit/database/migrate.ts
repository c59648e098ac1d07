// Brings a database to the state that the numbered `.sql` files describe: each once, in order, in a transaction of its own.
// An applied file is history: one that was changed afterwards is refused, because databases would differ in silence.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from '../context.ts';

/** One folder of migrations, counted apart from the others of the same database. */
export interface MigrationSet {
  /** `kit`, `service`, `event-log`. */
  readonly scope: string;
  readonly folder: string;
}

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

const namePattern = /^\d{4}-[a-z0-9-]+\.sql$/;

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  for (const [index, name] of names.entries()) {
    if (!namePattern.test(name)) {
      throw new Error(`migration ${join(folder, name)} is not named like 0001-add-orders.sql`);
    }
    const next = names[index + 1];
    if (next?.slice(0, 4) === name.slice(0, 4)) throw new Error(`two migrations bear one number: ${name}, ${next}`);
  }
  return names.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
  });
}

async function prepare(client: pg.Client): Promise<void> {
  await client.query('create schema if not exists fairlead');
  await client.query(`create table if not exists fairlead.migration (
    scope text not null, name text not null, checksum text not null, applied_at timestamptz not null default now(),
    primary key (scope, name))`);
}

async function applySet(client: pg.Client, set: MigrationSet, log: Logger): Promise<void> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from fairlead.migration where scope = $1 order by name',
    [set.scope],
  );
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const newest = rows.at(-1)?.name ?? '';
  for (const migration of readMigrations(set.folder)) {
    const path = join(set.folder, migration.name);
    const checksum = applied.get(migration.name);
    if (checksum === migration.checksum) continue;
    if (checksum !== undefined) {
      throw new Error(`migration ${path} was changed after it had been applied; undo the change and add a new file`);
    }
    if (migration.name < newest) {
      throw new Error(`migration ${path} is older than ${newest}, which is applied already; give it the next number`);
    }
    try {
      await client.query('begin');
      await client.query(migration.text);
      await client.query('insert into fairlead.migration (scope, name, checksum) values ($1, $2, $3)', [
        set.scope,
        migration.name,
        migration.checksum,
      ]);
      await client.query('commit');
    } catch (cause) {
      await client.query('rollback').catch(() => {});
      throw new Error(`migration ${path} failed and left nothing behind: ${String(cause)}`, { cause });
    }
    log.info('migration applied', { scope: set.scope, migration: migration.name });
  }
}

/**
 * Applies what is missing. Several processes may do so at once: one works, the others wait and find it done.
 * Applied files that this version of the code does not know are left alone: an older version runs beside a newer one.
 *
 * @throws Error that names the file when one was changed, misnamed, comes too late, or fails
 */
export async function migrate(url: string, sets: readonly MigrationSet[], log: Logger): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'migrate',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    // Held by the session: it ends with the connection, however the process ends.
    await client.query("select pg_advisory_lock(hashtextextended('fairlead.migration', 0))");
    await prepare(client);
    for (const set of sets) await applySet(client, set, log);
  } finally {
    await client.end();
  }
}
