// The called side of a call: one pool, the service's own socket, and the headers that say who calls.
// Retries only what certainly never reached the service (Istio: EnableInboundRetryPolicy, `reset-before-request` twice).

import type { HeaderList } from '#transport';
import { type LocalReply, localReply, type RetryPolicy } from '../../rules/index.ts';
import type { Plan } from '../call/plan.ts';
import type { ProxiedCall } from '../call/proxied-call.ts';
import { NO_FIELDS } from '../call/send-reply.ts';
import type { Pool } from '../clusters/pool.ts';
import { tookUpgrade } from '../http1/upgrade-fields.ts';
import type { VerifiedPeer } from '../identity/peer-certificate.ts';
import type { CallTelemetry } from '../telemetry/call-telemetry.ts';

const RETRIES: RetryPolicy = {
  attempts: 2,
  on: new Set(['reset-before-request']),
  statusCodes: new Set(),
  baseBackoffMs: 25,
  maxBackoffMs: 250,
  avoidPrevious: false,
};

/** Set by the sidecar alone: what a caller sends under this name is dropped (Envoy SANITIZE_SET). */
export const CLIENT_CERT = 'x-forwarded-client-cert';

export interface InboundConnection {
  readonly peer: VerifiedPeer | undefined;
  /** `By=...;Hash=...;URI=...`, made once a connection. */
  readonly clientCert: string | undefined;
  readonly address: string;
}

export class InboundPlan implements Plan {
  readonly timeoutMs = 0;
  readonly callerDeadline = false;
  readonly retries = RETRIES;
  readonly replyFields = NO_FIELDS;
  /** The request's headers after the gatekeeper, when it changed them. */
  headers: readonly string[] | undefined;
  readonly #pool: Pool;
  readonly #connection: InboundConnection;
  readonly #telemetry: CallTelemetry;
  readonly #service: string;

  constructor(pool: Pool, connection: InboundConnection, telemetry: CallTelemetry, service: string) {
    this.#pool = pool;
    this.#connection = connection;
    this.#telemetry = telemetry;
    this.#service = service;
  }

  acquire(_call: ProxiedCall): Pool | LocalReply {
    return this.#pool ?? localReply(503, 'no healthy upstream', 'UH');
  }

  release(): void {}

  enterRetry(): boolean {
    return true;
  }

  leaveRetry(): void {}

  enterPending(): boolean {
    return true;
  }

  leavePending(): void {}

  requestHeaders(call: ProxiedCall): readonly string[] {
    const list = this.headers ?? call.head.list;
    const out: string[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i] as string;
      if (name === ':path') out.push(name, call.head.path);
      else if (name !== CLIENT_CERT) out.push(name, list[i + 1] as string);
    }
    const { clientCert } = this.#connection;
    if (clientCert !== undefined) out.push(CLIENT_CERT, clientCert);
    return call.span === undefined ? out : call.span.inject(out);
  }

  responseHeaders(call: ProxiedCall, headers: HeaderList): readonly string[] {
    if (tookUpgrade(headers)) call.httpStatus = 101;
    return headers;
  }

  attemptEnded(): void {}

  ended(call: ProxiedCall): void {
    this.#telemetry.inbound(call, this.#connection.peer, this.#service);
  }
}
