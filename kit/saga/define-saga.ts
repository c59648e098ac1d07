// Declares a saga. The value can be shared by several running services (tests do): it holds no state of its own.
// Starting is an insert in the caller's transaction; the runner is told after the commit, and polls in case nobody told it.
import { sql } from 'kysely';
import { afterCommit } from '../database/commit-hooks.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { Saga, SagaDefinition } from './saga.ts';
import { waitForSaga, wakeRunners } from './saga-signals.ts';
import { reverse } from './saga-store.ts';

/** Checks the declaration and makes it startable: `defineSaga<typeof manifest, State>({ name, steps, completed, compensated })`. */
export function defineSaga<M extends ServiceManifest, S extends object>(definition: SagaDefinition<M, S>): Saga<M, S> {
  const names = definition.steps.map((step) => step.name);
  if (names.length === 0) throw new TypeError(`saga '${definition.name}' has no steps`);
  if (new Set(names).size < names.length) throw new TypeError(`saga '${definition.name}' has two steps of one name`);
  return {
    definition,
    async start(unit, id, state) {
      await sql`
        insert into fairlead.saga (id, name, state, status, step)
        values (${id}, ${definition.name}, ${JSON.stringify(state)}::jsonb, 'RUNNING', 0)
        on conflict (id) do nothing`.execute(unit.db);
      afterCommit(unit.db, 'saga', wakeRunners);
    },
    async reverse(unit, id) {
      await reverse(unit.db, id);
      afterCommit(unit.db, 'saga', wakeRunners);
    },
    wait: (application, id) => waitForSaga<S>(application, id),
  };
}
