// One real service as a process of its own: `node service-process.ts SERVICE ENDPOINTS`, ENDPOINTS being JSON of addresses
// by service. It kills itself with SIGKILL at the place that it was armed for, and with its launcher.
// It can be started with a bug (planted/), so that the checker can be shown to find it.
import type { Service } from '#kit';
import { startService } from '#kit';
import { processEnvironment } from '#kit/config/process-environment.ts';
import { planted } from '../planted/planted.ts';
import { withCrashPoints } from './crash-points.ts';

/** What the launcher says: start now; or, die at the n-th visit of a place; or, forget that. */
export type Order =
  | { readonly order: 'start'; readonly bug: string }
  | { readonly order: 'die'; readonly point: string; readonly visit: number }
  | { readonly order: 'live' };

/** What the process says. */
export type News = { readonly news: 'loaded' } | { readonly news: 'serving' } | { readonly news: 'armed' };

const [name = '', endpoints = '{}'] = process.argv.slice(2);
const env = processEnvironment();
let point: string | undefined;
let visits = 0;

function reached(place: string): void {
  if (place === point && --visits === 0) process.kill(process.pid, 'SIGKILL');
}

const tell = (news: News): void => void process.send?.(news);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
const start = Promise.withResolvers<string>();
process.on('message', (message: Order) => {
  if (message.order === 'start') return start.resolve(message.bug);
  point = message.order === 'die' ? message.point : undefined;
  visits = message.order === 'die' ? message.visit : 0;
  tell({ news: 'armed' });
});

const module = (await import(`../../../../services/${name}/service.ts`)) as { readonly default: Service };
tell({ news: 'loaded' });
const service = planted(withCrashPoints(module.default, reached), await start.promise);
await startService(service, { env, endpoints: JSON.parse(endpoints) as Record<string, string> });
tell({ news: 'serving' });
