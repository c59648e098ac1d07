// What an operator does with events: look how groups stand, see what was parked, deliver it again, rebuild a read model.
// `npm run events` on a laptop; in a pod `node kit/events/main.ts`, which finds the log in EVENT_LOG_URL.
import { systemClock } from '../clock/system-clock.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { EventLog } from './event-log.ts';
import { PostgresEventLog } from './postgres/postgres-event-log.ts';

/** Says what the command can do. */
export const eventsHelp: string = `usage: npm run events -- [--data DIR] COMMAND

  status                  how far behind each consumer group is, and what it parked
  parked GROUP            events that the group could not handle, with their errors
  unpark GROUP [ID]...    deliver parked events once more, all when no id is given
  rebuild GROUP           empty the group's read model and read it anew from the log

Groups bear the names of services: npm run events -- rebuild order-query
`;

const pollMs = 250;

async function rebuild(log: EventLog, group: string, say: (line: string) => void): Promise<void> {
  const generation = await log.rebuild(group);
  say(`${group}: rebuild ${generation} has begun; it goes on while the service runs`);
  for (let last = Number.POSITIVE_INFINITY, still = 0; ; await systemClock.sleep(pollMs)) {
    const lag = (await log.status()).find((status) => status.group === group)?.lag ?? 0;
    if (lag === 0) return say(`${group}: done`);
    still = lag < last ? 0 : still + 1;
    last = lag;
    if (still === 20) return say(`${group}: ${lag} events to go, and nobody reads them; start the service`);
  }
}

async function perform(log: EventLog, words: readonly string[], say: (line: string) => void): Promise<boolean> {
  const [command, group = '', ...ids] = words;
  if (command === 'status') {
    for (const { group: name, lag, parked, generation } of await log.status()) {
      say(`${name}: ${lag} behind, ${parked} parked, ${generation} rebuilds`);
    }
    return true;
  }
  if (group === '') return false;
  switch (command) {
    case 'parked': {
      const events = await log.parked(group);
      for (const { id, type, key, attempts, parkedAt, error } of events) {
        say(`${id} ${type} key ${key}, ${attempts} tries, ${parkedAt.toISOString()}\n  ${error}`);
      }
      say(`${group}: ${events.length} parked`);
      return true;
    }
    case 'unpark':
      say(`${group}: ${await log.unpark(group, ids.length === 0 ? undefined : ids)} to be delivered once more`);
      return true;
    case 'rebuild':
      await rebuild(log, group, say);
      return true;
    default:
      return false;
  }
}

/**
 * Runs one command.
 *
 * @param url of the event log's database
 * @param say takes a line for the person
 * @returns exit code
 */
export async function eventsCommand(
  url: string,
  words: readonly string[],
  say: (line: string) => void,
): Promise<number> {
  const log = new PostgresEventLog({ url, name: 'command', log: createLogger({ level: 'warn' }), clock: systemClock });
  try {
    if (await perform(log, words, say)) return 0;
    say(eventsHelp);
    return 64;
  } catch (error) {
    if (!RpcError.is(error)) throw error;
    say(error.message);
    return 1;
  } finally {
    await log.close();
  }
}
