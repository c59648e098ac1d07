// Writes the table types of every service with a database to services/<name>/gen/tables.ts (`npm run generate`; `--check`
// only compares). The migrations are applied to an empty PostgreSQL, and what is there then is what rows look like.
// Names are in camelCase, as the kit hands rows out. A column's comment is its TypeScript type, where full names of
// messages and enums stand for the generated types; a text column that a CHECK holds to a list of texts is their union.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import protobuf from 'protobufjs';
import { contractFiles, loadRoot, protoFolder } from '../kit/contract/proto-root.ts';
import { startEmbeddedPostgres } from '../kit/database/embedded/embedded-postgres.ts';
import { migrate } from '../kit/database/migrate.ts';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' } } });
const root = fileURLToPath(new URL('..', import.meta.url));
const services = globSync('services/*/migrations', { cwd: root })
  .map((path) => path.replaceAll('\\', '/').split('/')[1] ?? '')
  .sort();

const scalars: Readonly<Record<string, string>> = {
  uuid: 'string',
  text: 'string',
  varchar: 'string',
  numeric: 'string',
  date: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  bytea: 'Buffer',
  timestamptz: 'Date',
};

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly generated: boolean;
  readonly comment: string | null;
  /** Definitions of the CHECK constraints on this column alone. */
  readonly checks: readonly string[];
}

const columnsQuery = `
  select c.relname as table, a.attname as name, t.typname as type, not a.attnotnull as nullable,
         a.atthasdef or a.attidentity <> '' as generated, col_description(c.oid, a.attnum) as comment,
         array(select pg_get_constraintdef(k.oid) from pg_constraint k
               where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as checks
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
  order by c.relname, a.attnum`;

const contracts = loadRoot(contractFiles());

/** `order_states` as `orderStates`. */
const camel = (name: string): string => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`_${name.replaceAll('-', '_')}`);

/** JSON has no Date: a message with a timestamp would not be what its type says. */
function hasTimestamp(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
  if (type.fullName === '.google.protobuf.Timestamp') return true;
  if (seen.has(type)) return false;
  seen.add(type);
  return type.fieldsArray.some(
    ({ resolvedType }) => resolvedType instanceof protobuf.Type && hasTimestamp(resolvedType, seen),
  );
}

/** The types of one service's tables. */
class TablesFile {
  readonly #service: string;
  readonly #imports = new Map<string, Set<string>>();
  readonly #kysely = new Set<string>();
  readonly #json = new Set<string>();

  constructor(service: string) {
    this.#service = service;
  }

  #import(path: string, name: string): void {
    this.#imports.set(path, (this.#imports.get(path) ?? new Set()).add(name));
  }

  /** The type that a comment says. */
  #said(column: Column, comment: string): string {
    return comment.replaceAll(/fairlead(\.\w+)+/g, (name) => {
      const type = contracts.lookup(name);
      if (!(type instanceof protobuf.Type || type instanceof protobuf.Enum)) {
        throw new Error(`${this.#service}: the comment on ${column.table}.${column.name} names no message: ${name}`);
      }
      if (type instanceof protobuf.Type && hasTimestamp(type)) {
        throw new Error(
          `${this.#service}: ${column.table}.${column.name} is JSON and cannot hold timestamps of ${name}`,
        );
      }
      const file = posix.relative(protoFolder.replaceAll('\\', '/'), (type.filename ?? '').replaceAll('\\', '/'));
      this.#import(`#proto/${file.replace(/\.proto$/, '.ts')}`, type.name);
      return type.name;
    });
  }

  #valueType(column: Column): string {
    if (column.comment !== null) return this.#said(column, column.comment);
    const texts = column.checks
      .map((check) => /= ANY \(ARRAY\[(.*)\]\)/.exec(check)?.[1]?.match(/'[^']*'(?=::text)/g))
      .find((list) => list !== undefined && list !== null);
    if (texts) return texts.join(' | ');
    if (column.type.startsWith('_')) return `${this.#scalar(column, column.type.slice(1))}[]`;
    return column.type === 'jsonb' ? 'object' : this.#scalar(column, column.type);
  }

  #scalar(column: Column, type: string): string {
    const known = scalars[type];
    if (known === undefined)
      throw new Error(`${this.#service}: ${column.table}.${column.name} has unknown type ${type}`);
    return known;
  }

  #columnType(column: Column): string {
    const value = this.#valueType(column);
    if (column.type === 'jsonb') {
      this.#json.add('JsonColumn');
      return `JsonColumn<${value}${column.nullable ? ', null' : ''}>`;
    }
    const type = column.nullable ? `${value} | null` : value;
    if (!column.generated) return type;
    this.#kysely.add('Generated');
    return `Generated<${type}>`;
  }

  text(columns: readonly Column[]): string {
    this.#kysely.add('Selectable');
    const tables = Map.groupBy(columns, ({ table }) => table);
    const bodies = [...tables].map(([table, own]) => {
      const fields = own.map((column) => `  ${camel(column.name)}: ${this.#columnType(column)};\n`).join('');
      const name = pascal(table);
      return `\nexport interface ${name}Table {\n${fields}}\n\nexport type ${name}Row = Selectable<${name}Table>;\n`;
    });
    const list = [...tables.keys()].map((table) => `  ${camel(table)}: ${pascal(table)}Table;\n`).join('');
    const imports = [['kysely', this.#kysely] as const, ['#kit/database/json-column.ts', this.#json] as const]
      .concat([...this.#imports].sort(([a], [b]) => (a < b ? -1 : 1)) as [])
      .filter(([, names]) => names.size > 0)
      .map(([path, names]) => `import type { ${[...names].sort().join(', ')} } from '${path}';\n`);
    const head = `// Generated from services/${this.#service}/migrations by \`npm run generate\`. Do not edit.\n`;
    const all = `\n/** The tables of the ${this.#service} service, for Kysely. */\nexport interface ${pascal(this.#service)}Tables {\n${list}}\n`;
    return `${head}${imports.join('')}${all}${bodies.join('')}`;
  }
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function columnsOf(url: string, service: string): Promise<Column[]> {
  const folder = join(root, 'services', service, 'migrations');
  const kit = join(root, 'kit/database/migrations');
  const sets = [
    { scope: 'kit', folder: kit },
    { scope: 'service', folder },
  ];
  await migrate(url, sets, quiet);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Column>(columnsQuery)).rows;
  } finally {
    await client.end();
  }
}

/** The files, by path below the repository. */
async function generate(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-tables-'));
  const server = await startEmbeddedPostgres({ folder, durable: false });
  const files = new Map<string, string>();
  try {
    const client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    for (const service of services) await client.query(`create database "${service}"`);
    await client.end();
    for (const service of services) {
      const columns = await columnsOf(server.url(service), service);
      files.set(`services/${service}/gen/tables.ts`, new TablesFile(service).text(columns));
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return files;
}

const files = services.length === 0 ? new Map<string, string>() : await generate();
const stale = globSync('services/*/gen/tables.ts', { cwd: root }).filter(
  (path) => !files.has(path.replaceAll('\\', '/')),
);
const changed = [...files].filter(([path, text]) => {
  const full = join(root, path);
  return !existsSync(full) || readFileSync(full, 'utf8') !== text;
});
if (flags.check && changed.length + stale.length > 0) {
  const paths = [...changed.map(([path]) => path), ...stale].join(', ');
  console.error(`${paths}: not what the migrations say; run: npm run generate`);
  process.exit(1);
}
for (const path of stale) rmSync(join(root, path));
for (const [path, text] of changed) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
console.log(`tables: ${files.size} files, ${flags.check ? 'up to date' : `${changed.length + stale.length} changed`}`);
