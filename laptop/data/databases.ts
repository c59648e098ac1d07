// One database and one role a service, and one of each for the event log: no service can reach another one's data.
// What is there already is left alone, so that a second start asks two questions and changes nothing.
import pg from 'pg';

/** Options of {@link prepareDatabases}. */
export interface PrepareDatabasesOptions {
  /** URL of the superuser. */
  readonly server: string;
  /** Names of databases; the roles that own them bear the same names. */
  readonly names: readonly string[];
  /** Password of a role. */
  readonly password: (name: string) => string;
}

async function names(client: pg.Client, text: string): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(text);
  return new Set(rows.map((row) => row.name));
}

/**
 * Makes roles and databases that are missing.
 *
 * @returns the URL of each database, as its own role
 */
export async function prepareDatabases(options: PrepareDatabasesOptions): Promise<ReadonlyMap<string, string>> {
  const client = new pg.Client({ connectionString: options.server, application_name: 'laptop' });
  await client.connect();
  try {
    const roles = await names(client, 'select rolname as name from pg_roles');
    const databases = await names(client, 'select datname as name from pg_database');
    if (!databases.has('fairlead_closed')) {
      await client.query('revoke connect on database postgres, template1 from public');
      // Stands for "the doors above are closed", which costs a question each to find out.
      await client.query('create database fairlead_closed allow_connections false');
    }
    for (const name of options.names) {
      const quoted = client.escapeIdentifier(name);
      if (!roles.has(name)) {
        await client.query(`create role ${quoted} login password ${client.escapeLiteral(options.password(name))}`);
      }
      if (databases.has(name)) continue;
      await client.query(`create database ${quoted} owner ${quoted}`);
      await client.query(`revoke connect on database ${quoted} from public`);
    }
  } finally {
    await client.end();
  }
  return new Map(
    options.names.map((name) => {
      const url = new URL(options.server);
      url.username = name;
      url.password = options.password(name);
      url.pathname = `/${name}`;
      return [name, url.href];
    }),
  );
}
