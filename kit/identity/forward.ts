// Metadata that a call hands on to the calls made within it. Everything else stays where it arrived.
// Trace context is not here: the recorder of each outgoing call writes its own.
import type { HeaderBag } from '../telemetry/header-bag.ts';

/** Names that are handed on. `x-version` and `x-user-type` are what the mesh's rules route by. */
export const forwardedHeaders = [
  'authorization',
  'x-request-id',
  'x-forwarded-for',
  'x-version',
  'x-user-type',
  'baggage',
] as const;

/** Copies what is handed on, without replacing what the outgoing call has already. */
export function forward(incoming: HeaderBag, outgoing: HeaderBag): void {
  for (const name of forwardedHeaders) {
    const value = incoming.get(name);
    if (value !== undefined && outgoing.get(name) === undefined) outgoing.set(name, value);
  }
}
