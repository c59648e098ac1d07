// grpc.health.v1 on the pipeline: grpc-health-check answers, this file carries its answers, whatever the transport is.
// Health is per name: '' is the process, then its services, 'liveness' is always well. An unknown name is NOT_FOUND for Check, SERVICE_UNKNOWN for Watch.
import { fileURLToPath } from 'node:url';
import { HealthImplementation } from 'grpc-health-check';
import type { CallScope } from '../calls/call-scope.ts';
import { type Contract, loadContract } from '../contract/contract.ts';
import { ContractSource } from '../contract/contract-source.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { codeOf } from '../errors/to-rpc-error.ts';
import { type ServedMethod, serveMethod } from './served-method.ts';

/** What a name's health is. */
export type ServingStatus = 'SERVING' | 'NOT_SERVING';

/** The parts of grpc-js's calls that the implementation uses. */
interface SurfaceCall {
  readonly request: object;
  write(response: object): void;
  on(event: 'cancelled', listener: () => void): void;
}

type Answer = (error: { readonly code: number; readonly details: string } | null, response?: object | null) => void;

/** The implementation's handlers, in grpc-js's form. */
interface SurfaceHandlers {
  check(call: Pick<SurfaceCall, 'request'>, answer: Answer): void;
  list(call: Pick<SurfaceCall, 'request'>, answer: Answer): void;
  watch(call: SurfaceCall): void;
}

/**
 * A name that is SERVING as long as the process answers, for liveness probes: a lost database makes a pod not ready, and
 * must restart nobody.
 */
export const liveness = 'liveness';

const folder = fileURLToPath(new URL('./protos', import.meta.url));

/** The contract of `grpc.health.v1.Health`. */
export function healthContract(): Contract {
  return loadContract('grpc.health.v1.Health', new ContractSource([folder], () => 'grpc/health/v1/health.proto'));
}

/** Health of a process and its services. */
export class Health {
  readonly #names: readonly string[];
  readonly #implementation: HealthImplementation;
  #status: ServingStatus = 'NOT_SERVING';

  /** @param services full names of the served services */
  constructor(services: readonly string[]) {
    this.#names = ['', ...services];
    this.#implementation = new HealthImplementation({
      ...Object.fromEntries(this.#names.map((name) => [name, this.#status])),
      [liveness]: 'SERVING',
    });
  }

  get status(): ServingStatus {
    return this.#status;
  }

  set(status: ServingStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const name of this.#names) this.#implementation.setStatus(name, status);
  }

  /** The methods of `grpc.health.v1.Health`. */
  methods(): ServedMethod[] {
    const surface = this.#surface();
    const handlers: Readonly<Record<string, (request: object, scope: CallScope) => unknown>> = {
      Check: (request) => once((answer) => surface.check({ request }, answer)),
      List: (request) => once((answer) => surface.list({ request }, answer)),
      Watch: (request, scope) => watch(surface, request, scope.signal),
    };
    return healthContract().methods.flatMap((method) => {
      const handler = handlers[method.rpc];
      const open = { ...method, access: { audience: 'INTERNAL', anonymous: true, roles: [] } } as const;
      return handler === undefined ? [] : [serveMethod(open, handler, { recorded: false })];
    });
  }

  #surface(): SurfaceHandlers {
    let handlers: SurfaceHandlers | undefined;
    this.#implementation.addToServer({
      addService: (_definition, implementation) => {
        handlers = implementation as unknown as SurfaceHandlers;
      },
    });
    if (handlers === undefined) throw new Error('grpc-health-check added no service');
    return handlers;
  }
}

function once(call: (answer: Answer) => void): Promise<object> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error === null) resolve(response ?? {});
      else reject(new RpcError(codeOf(error.code), error.details));
    });
  });
}

/** Only the newest status waits for a watcher that does not read: what was in between is history. */
async function* watch(surface: SurfaceHandlers, request: object, signal: AbortSignal): AsyncGenerator<object> {
  let newest: object | undefined;
  let wake = (): void => {};
  const leave: (() => void)[] = [];
  surface.watch({
    request,
    write(response) {
      newest = response;
      wake();
    },
    on: (_event, listener) => leave.push(listener),
  });
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const status = newest;
      newest = undefined;
      if (status !== undefined) yield status;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const listener of leave) listener();
  }
}
