// A view: one answer of the edge's own, put together from calls of several services for one kind of client.
// A view says what it shows; who may ask, limits, deadline, cancellation and errors are the edge's.
import type { Caller, ClientsOf, User } from '../../context.ts';
import type { Access } from '../../contract/contract.ts';
import type { MessageName } from '../../contract/shapes.ts';
import type { ServiceManifest } from '../../manifest.ts';
import type { ParentLogger } from '../../telemetry/logger.ts';

/** What a view is given for one request. */
export interface ViewCall<M extends ServiceManifest> {
  /** Captures of the path by name. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON of the body; undefined where there was none. */
  readonly body: unknown;
  readonly clients: ClientsOf<M>;
  readonly caller: Caller;
  readonly log: ParentLogger;
  /** Aborted when the client goes away or the time is over. */
  readonly signal: AbortSignal;
  /** The verified user, or UNAUTHENTICATED. */
  user(): User;
}

/** One view. */
export interface View<M extends ServiceManifest> {
  readonly method: 'GET' | 'POST';
  /** Path template as in `google.api.http`: `/api/v2/users/{user_id}/dashboard`. */
  readonly path: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly access: Access;
  /** Message whose JSON the body is. @default - no body */
  readonly body?: MessageName;
  /** Parts of the answer by name, each the JSON of a message, or of a list of them. */
  readonly parts: Readonly<Record<string, MessageName | readonly [MessageName]>>;
  /** The answer's JSON. */
  readonly answer: (call: ViewCall<M>) => Promise<object>;
}

/** Makes views of one manifest, so that their clients are typed by it. */
export function viewsOf<M extends ServiceManifest>(_manifest: M): (view: View<M>) => View<M> {
  return (view) => view;
}
