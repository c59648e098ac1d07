// `node kit/events/main.ts COMMAND` in a pod of any service that has events: see events-command.ts.
import { processEnvironment } from '../config/process-environment.ts';
import { eventsCommand } from './events-command.ts';

const url = processEnvironment().EVENT_LOG_URL ?? '';
if (url === '') {
  process.stderr.write('EVENT_LOG_URL is not set; expected postgres://user:password@host:5432/events\n');
  process.exitCode = 78;
} else {
  process.exitCode = await eventsCommand(url, process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
}
