// One real service as a process of its own: `node service-process.ts PROCESS ENDPOINTS`, PROCESS being a service or one of its
// versions (`payment-v2`), ENDPOINTS JSON of addresses by service and by process. It kills itself with SIGKILL at the place that it was armed for, and with its launcher.
// It can be started with a bug (planted/), so that the checker can be shown to find it.
import { flushCompileCache } from 'node:module';
import type { Service } from '#kit';
import { startService } from '#kit';
import { processEnvironment } from '#kit/config/process-environment.ts';
import { planted } from '../planted/planted.ts';
import { withCrashPoints } from './crash-points.ts';
import { serviceOf } from './process-name.ts';
import { withVersions } from './versions.ts';

/** What the launcher says: start now; or, die at the n-th visit of a place; or, forget that. */
export type Order =
  | { readonly order: 'start'; readonly bug: string }
  | { readonly order: 'die'; readonly point: string; readonly visit: number }
  | { readonly order: 'live' };

/** What the process says. */
export type News = { readonly news: 'loaded' } | { readonly news: 'serving' } | { readonly news: 'armed' };

const [name = '', list = '{}'] = process.argv.slice(2);
const endpoints = JSON.parse(list) as Readonly<Record<string, string>>;
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

const module = (await import(`../../../../services/${serviceOf(name)}/service.ts`)) as { readonly default: Service };
tell({ news: 'loaded' });
const service = planted(withCrashPoints(module.default, reached), await start.promise);
await startService(await withVersions(service, endpoints), { env, endpoints });
tell({ news: 'serving' });
// Killed as it will be, it would never leave its compiled code to the next ones, which load twice as fast with it.
flushCompileCache();
