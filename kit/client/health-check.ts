// Asks a called service how it is, over the same connection as its other calls (grpc.health.v1.Health/Check).
// An answer of any kind is a status; only a service that does not answer is UNREACHABLE.
import { CallScope } from '../calls/call-scope.ts';
import type { CallOptions } from '../context.ts';
import type { HealthStatus } from '../edge.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { healthContract } from '../server/health.ts';
import type { ClientParts } from './calls/outgoing-call.ts';
import { clientClass } from './client-class.ts';

interface HealthClient {
  check(request: { readonly service: string }, options: CallOptions): Promise<{ readonly status: HealthStatus }>;
}

/**
 * Makes the check of one service.
 *
 * @param contract full name of the gRPC service that is asked about
 */
export function healthCheck(contract: string, parts: ClientParts): (signal: AbortSignal) => Promise<HealthStatus> {
  const Client = clientClass(healthContract(), ['Check'], parts);
  return async (signal) => {
    const client = new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined)) as HealthClient;
    try {
      return (await client.check({ service: contract }, { timeout: '2s', signal })).status;
    } catch (error) {
      return RpcError.is(error) && error.code === 'NOT_FOUND' ? 'SERVICE_UNKNOWN' : 'UNREACHABLE';
    }
  };
}
