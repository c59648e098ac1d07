// `npm run generate`: writes everything that is generated for the compiler, types of contracts and types of tables.
// `--check` only says whether it is up to date.
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (flags.help) {
  console.log(`usage: npm run generate [-- --check]

Writes proto/gen from proto/, and services/*/gen from the services' migrations, which are applied to a PostgreSQL that is
started for that. With --check, only says whether they are up to date.`);
  process.exit(0);
}
await import('./generate-types.ts');
await import('./generate-tables.ts');
