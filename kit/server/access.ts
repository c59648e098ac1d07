// The access rule of a method, from its contract: circle of callers, anonymity, roles. It fails closed.
// Which workload may call is the mesh's rule; this one asks who the user is. Where there is none, services of the platform
// belong to every circle (access.proto), but only as the mesh has verified them: without a mesh nobody is such a service.
import type { Caller } from '../context.ts';
import type { Access } from '../contract/contract.ts';
import { RpcError } from '../errors/rpc-error.ts';

/**
 * Refuses a caller that the method is not for.
 *
 * @param service the caller is a verified service of the platform that calls for itself; no edge, which speaks for others
 * @throws RpcError UNAUTHENTICATED, PERMISSION_DENIED
 */
export function checkAccess(access: Access, caller: Caller, service = false): void {
  const { user } = caller;
  if (user === undefined) {
    // An internal method serves workloads, which the mesh has checked; only roles ask for a user. A handler that needs to
    // know whose affairs these are asks for the user and refuses by itself.
    if (access.anonymous || (access.roles.length === 0 && (service || access.audience === 'INTERNAL'))) return;
    throw new RpcError(
      'UNAUTHENTICATED',
      'log in: this method needs a user. Send an access token as `authorization: Bearer …`',
      {
        reason: 'CREDENTIAL_MISSING',
      },
    );
  }
  if (access.audience === 'PUBLIC' && !access.anonymous && user.credential === 'api_key') {
    throw new RpcError('PERMISSION_DENIED', 'this method takes a person: log in, an API key is not enough', {
      reason: 'API_KEY_REFUSED',
    });
  }
  if (access.roles.length === 0 || access.roles.some((role) => user.roles.includes(role))) return;
  throw new RpcError('PERMISSION_DENIED', `this method needs one of the roles ${access.roles.join(', ')}`, {
    reason: 'ROLE_MISSING',
    metadata: { roles: access.roles.join(',') },
  });
}
