// Databases for tests, each fresh and its own. `npm test` starts one server for all files and hands its URL on;
// a file that is run alone starts a server of its own, which ends with it.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import { processEnvironment } from '../config/process-environment.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts';
import { processIdentity } from '../database/embedded/process-identity.ts';

/** Environment variable with the superuser's URL of the server that `npm test` started. */
export const testServerVariable = 'TEST_DATABASE_URL';

/** A database that only its maker knows. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Closes every connection to it and removes it. */
  drop(): Promise<void>;
}

let own: Promise<{ server: EmbeddedPostgres; folder: string }> | undefined;
let ended = false;

after(async () => {
  if (own === undefined) return;
  const { server, folder } = await own;
  ended = true;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const prefix = 'fairlead-test-';

/** Removes what test files left behind that were killed. */
function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    try {
      const holder: { readonly pid: number; readonly identity: string } = JSON.parse(
        readFileSync(join(folder, 'lock'), 'utf8'),
      );
      if (processIdentity(holder.pid) !== holder.identity) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Being made or removed by another test file at this moment, or another user's.
    }
  }
}

/** URL of the superuser's database on the tests' server; a server is started when there is none. */
export async function testServerUrl(): Promise<string> {
  const shared = processEnvironment()[testServerVariable];
  if (shared !== undefined && shared !== '') return shared;
  own ??= (async () => {
    sweep();
    const folder = mkdtempSync(join(tmpdir(), prefix));
    return { folder, server: await startEmbeddedPostgres({ folder, durable: false }) };
  })();
  return (await own).server.url();
}

async function asSuperuser(server: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Makes an empty database. `label` is part of its name, for whoever looks at the server meanwhile. */
export async function createTestDatabase(label = 'test'): Promise<TestDatabase> {
  const server = await testServerUrl();
  const name = `${label.replaceAll(/[^a-z0-9]+/g, '_')}_${randomBytes(5).toString('hex')}`;
  await asSuperuser(server, `create database "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    async drop() {
      // Hooks of the test file may run after this file's own: with the server, its databases are gone too.
      if (!ended) await asSuperuser(server, `drop database if exists "${name}" with (force)`);
    },
  };
}
