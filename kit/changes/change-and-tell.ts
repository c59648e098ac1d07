// A change that those who follow a topic are woken by, once it is committed.
import type { Application, UnitOfWork } from '../context.ts';
import type { ServiceManifest } from '../manifest.ts';

/** Does the work in one unit of work with the word that something has changed. */
export function changeAndTell<M extends ServiceManifest>(
  context: Pick<Application<M>, 'transaction'>,
  topic: string,
  work: (db: UnitOfWork<M>['db']) => Promise<void>,
): Promise<void> {
  return context.transaction(async (unit) => {
    await work(unit.db);
    await unit.changed(topic);
  });
}
