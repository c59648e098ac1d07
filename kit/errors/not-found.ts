// NOT_FOUND, said alike everywhere: for what does not exist and for what the caller may not know to exist.
// The reason is stable by kind of resource, so that programs can tell which of several ids was meant.
import { RpcError } from './rpc-error.ts';

/**
 * The error for a resource that is not there.
 *
 * @param resource kind in lower case, with spaces: `'API key'` gives the reason API_KEY_NOT_FOUND
 * @param ids the ids that were asked for
 */
export function notFound(resource: string, ...ids: readonly string[]): RpcError {
  const type = resource.toLowerCase().replaceAll(' ', '_');
  const name = ids.join(',');
  return new RpcError('NOT_FOUND', `there is no ${resource} ${ids.join(', ')}`, {
    reason: `${type.toUpperCase()}_NOT_FOUND`,
    metadata: { ids: name },
    resource: { type, name },
  });
}
