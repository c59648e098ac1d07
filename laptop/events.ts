// `npm run events`: the operator's command on the platform of a data folder, which must be running.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { eventsCommand, eventsHelp } from '#kit/events/events-command.ts';
import { complain, say } from './screen.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', default: 'data' }, help: { type: 'boolean', default: false } },
});
const folder = resolve(values.data);
const port = join(folder, 'postgres', 'port');
const secrets = join(folder, 'secrets.json');
if (values.help || positionals.length === 0) {
  say(eventsHelp);
} else if (!existsSync(join(folder, 'run.json')) || !existsSync(port) || !existsSync(secrets)) {
  complain(`no platform runs with the data in ${folder}; start it with 'npm start', or name its folder with --data`);
  process.exitCode = 1;
} else {
  const password: unknown = JSON.parse(readFileSync(secrets, 'utf8'))['database events'];
  const url = `postgres://events:${password}@127.0.0.1:${readFileSync(port, 'utf8').trim()}/events`;
  process.exitCode = await eventsCommand(url, positionals, say);
}
