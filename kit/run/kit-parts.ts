// What a running service is made of, before any of it is typed by a manifest.
// Services see it through Application and Context only; this is the untyped inside of both.
import type { ChangeFeed } from '../changes/change-feed.ts';
import type { Clock } from '../clock/clock.ts';
import type { KitConfig } from '../config/kit-variables.ts';
import type { ServiceDatabase } from '../database/open-database.ts';
import type { Events } from '../events/events.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Parts of one running service. */
export interface KitParts {
  readonly manifest: ServiceManifest;
  readonly config: KitConfig;
  /** Values of the manifest's own variables. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Absent when the manifest declares no database. */
  readonly database: ServiceDatabase<unknown> | undefined;
  readonly changes: ChangeFeed | undefined;
  /** Absent when the manifest neither publishes nor consumes. */
  readonly events: Events<unknown> | undefined;
  /** Aborted when the process begins to drain. */
  readonly draining: AbortController;
}
