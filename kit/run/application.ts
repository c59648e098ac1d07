// The Application of a service and its units of work. What the manifest does not declare throws and says so.
import type { Kysely, Transaction } from 'kysely';
import { CallScope } from '../calls/call-scope.ts';
import { announceChange } from '../changes/change-feed.ts';
import type { ClientsClass } from '../client/clients-class.ts';
import type { Application, OutgoingEvent, UnitOfWork } from '../context.ts';
import type { MessageName } from '../contract/shapes.ts';
import type { ServiceDatabase } from '../database/open-database.ts';
import { setPageKey } from '../paging/page-token.ts';
import type { KitParts } from './kit-parts.ts';

function undeclared(parts: KitParts, what: string): Error {
  return new Error(`service '${parts.manifest.name}' declares no ${what}; add it to its manifest`);
}

/** The service's database. */
export function databaseOf(parts: KitParts): ServiceDatabase<unknown> {
  if (parts.database === undefined) throw undeclared(parts, 'database');
  return parts.database;
}

/** Wakes at changes of a topic until the signal is aborted. */
export function changesOf(parts: KitParts, topic: string, signal: AbortSignal): AsyncIterable<void> {
  if (parts.changes === undefined) throw undeclared(parts, 'database');
  return parts.changes.changes(topic, signal);
}

/** What a handler may do within a transaction. */
export function unitOfWork(parts: KitParts, db: Transaction<unknown>): UnitOfWork<never> {
  const unit = {
    db,
    clock: parts.clock,
    async publish(event: OutgoingEvent<MessageName>): Promise<void> {
      if (parts.events === undefined) throw undeclared(parts, 'events');
      await parts.events.publish(db, event);
    },
    changed: (topic: string): Promise<void> => announceChange(db, topic),
  };
  return unit as unknown as UnitOfWork<never>;
}

/** Builds the application. */
export function createApplication(parts: KitParts, clients: ClientsClass): Application {
  const { manifest, config, own, clock, telemetry, draining } = parts;
  // The database's address is a secret that all replicas share.
  setPageKey(own, manifest.name, config.databaseUrl);
  const application = {
    service: manifest.name,
    version: config.SERVICE_VERSION,
    config: own,
    log: telemetry.log,
    clock,
    clients: new clients(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined)),
    get db(): Kysely<unknown> {
      return databaseOf(parts).kysely;
    },
    signal: draining.signal,
    transaction<T>(work: (unit: UnitOfWork<never>) => Promise<T>): Promise<T> {
      return databaseOf(parts).transaction((db) => work(unitOfWork(parts, db)));
    },
    changes: (topic: string): AsyncIterable<void> => changesOf(parts, topic, draining.signal),
  };
  return application as unknown as Application;
}
