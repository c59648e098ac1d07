// Headers of an outside request as the kit reads metadata. The outside is not believed where the mesh or the edge knows
// better, and nothing is handed on that gRPC metadata could not carry.
import type { IncomingHttpHeaders } from 'node:http';
import type { HeaderBag } from '../../telemetry/header-bag.ts';

/** Of the mesh: only a sidecar may say who the peer is. */
const unbelieved: ReadonlySet<string> = new Set(['x-forwarded-client-cert', 'x-fairlead-context-bin']);

/** Longest value that is handed on; credentials have limits of their own. */
const maxLength = 1024;
const credentials: ReadonlySet<string> = new Set(['authorization', 'x-api-key']);
const printable = /^[\x20-\x7e]*$/;

/** Metadata of a request that came from `address`. */
export function edgeHeaders(headers: IncomingHttpHeaders, address: string): HeaderBag {
  const own = new Map<string, string>([['x-forwarded-for', address]]);
  return {
    get(name) {
      const set = own.get(name);
      if (set !== undefined || unbelieved.has(name)) return set;
      const value = headers[name];
      const text = Array.isArray(value) ? value.join(', ') : value;
      if (text === undefined || credentials.has(name)) return text;
      return text.length <= maxLength && printable.test(text) ? text : undefined;
    },
    set(name, value) {
      own.set(name, value);
    },
  };
}
