// grpc.health.v1 on the pipeline, for this transport and any other. Health is per name: '' is the process, then its services.
// A name that is not served is NOT_FOUND for Check and SERVICE_UNKNOWN for Watch, as the protocol says.
import { fileURLToPath } from 'node:url';
import type { CallScope } from '../calls/call-scope.ts';
import { type Contract, loadContract } from '../contract/contract.ts';
import { ContractSource } from '../contract/contract-source.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { type ServedMethod, serveMethod } from './served-method.ts';

/** What a name's health is. */
export type ServingStatus = 'SERVING' | 'NOT_SERVING';

interface CheckRequest {
  readonly service: string;
}

interface CheckResponse {
  readonly status: ServingStatus | 'SERVICE_UNKNOWN';
}

const folder = fileURLToPath(new URL('./protos', import.meta.url));

/** The contract of `grpc.health.v1.Health`. */
export function healthContract(): Contract {
  return loadContract('grpc.health.v1.Health', new ContractSource([folder], () => 'grpc/health/v1/health.proto'));
}

/** Health of a process and its services. */
export class Health {
  readonly #names: ReadonlySet<string>;
  readonly #watchers = new Set<() => void>();
  #status: ServingStatus = 'NOT_SERVING';

  /** @param services full names of the served services */
  constructor(services: readonly string[]) {
    this.#names = new Set(['', ...services]);
  }

  get status(): ServingStatus {
    return this.#status;
  }

  set(status: ServingStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const wake of this.#watchers) wake();
  }

  /** The methods of `grpc.health.v1.Health`. */
  methods(): ServedMethod[] {
    const handlers: Readonly<Record<string, (request: CheckRequest, scope: CallScope) => unknown>> = {
      Check: (request) => this.#check(request),
      List: () => ({ statuses: Object.fromEntries([...this.#names].map((name) => [name, { status: this.#status }])) }),
      Watch: (request, scope) => this.#watch(request, scope.signal),
    };
    return healthContract().methods.flatMap((method) => {
      const handler = handlers[method.rpc];
      const open = { ...method, access: { audience: 'INTERNAL', anonymous: true, roles: [] } } as const;
      return handler === undefined ? [] : [serveMethod(open, handler, { recorded: false })];
    });
  }

  #check({ service }: CheckRequest): CheckResponse {
    if (this.#names.has(service)) return { status: this.#status };
    throw new RpcError('NOT_FOUND', `this process does not serve ${service}`);
  }

  async *#watch({ service }: CheckRequest, signal: AbortSignal): AsyncGenerator<CheckResponse> {
    let wake = (): void => {};
    const ring = (): void => wake();
    this.#watchers.add(ring);
    signal.addEventListener('abort', ring, { once: true });
    try {
      let sent: CheckResponse['status'] | undefined;
      while (!signal.aborted) {
        const status = this.#names.has(service) ? this.#status : 'SERVICE_UNKNOWN';
        if (status !== sent) {
          sent = status;
          yield { status };
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      this.#watchers.delete(ring);
    }
  }
}
