// Stands for Istio's ingress gateway: callers from outside enter here, under the Gateway and VirtualService objects.
// It speaks HTTP/1.1 and HTTP/2 without TLS on one port; it asks its own policies first, as a gateway's workload does in a
// cluster. Either version becomes a stream of the mesh, so that every rule is applied in one place.

import type { Socket } from 'node:net';
import { type Client, createServer, type HeaderList, type Http2Stream, type Server } from '#transport';
import { gatewayPort, type LocalReply, localReply, type RuleSet, spiffeId, type Workload } from '../../rules/index.ts';
import { ingressGateways, ingressWorkload } from '../../rules/predict/find-workload.ts';
import { ProxiedCall } from '../call/proxied-call.ts';
import { RequestHead } from '../call/request-head.ts';
import { SIDECAR_LIMITS } from '../clusters/connection-settings.ts';
import { Http1Listener } from '../http1/client/http1-listener.ts';
import { linkTo } from '../http1/in-process-link.ts';
import { WorkloadIdentity } from '../identity/workload-identity.ts';
import type { IngressOptions } from '../mesh-options.ts';
import { AnswerPlan } from '../sidecar/answer-plan.ts';
import { type Admission, Gatekeeper } from '../sidecar/gatekeeper.ts';
import { OutboundSide } from '../sidecar/outbound-side.ts';
import type { SidecarParts } from '../sidecar/sidecar.ts';
import { CallTelemetry } from '../telemetry/call-telemetry.ts';
import { telemetrySettings } from '../telemetry/telemetry-settings.ts';
import { EDGE_ANSWERS } from './edge-answers.ts';
import { edgeFields } from './edge-fields.ts';
import { WaitingStream } from './waiting-stream.ts';

/** A client of the outside gets a connection of its own, with bounds that one client needs no more of. */
const CLIENT_LIMITS = {
  ...SIDECAR_LIMITS,
  maxConcurrentStreams: 1000,
  resetBurst: 1000,
  resetRate: 100,
  controlBurst: 1000,
  controlRate: 200,
} as const;

export class Ingress {
  readonly workload: Workload;
  readonly identity: WorkloadIdentity;
  readonly outbound: OutboundSide;
  port = 0;
  /** Clients that speak HTTP/2 themselves. */
  readonly #http2: Server;
  /** Clients of HTTP/1.1, all on one connection inside this process. */
  readonly #translated: Server;
  readonly #link: Client;
  readonly #listener: Http1Listener;
  readonly #telemetry: CallTelemetry;
  #gatekeeper: Gatekeeper;
  #rules: RuleSet;
  readonly #parts: SidecarParts;

  private constructor(rules: RuleSet, options: IngressOptions, parts: SidecarParts, identity: WorkloadIdentity) {
    this.#rules = rules;
    this.#parts = parts;
    const workload = ingressWorkload(rules);
    this.workload = workload;
    this.identity = identity;
    const { onError } = parts;
    this.#telemetry = new CallTelemetry(workload, parts.sinks);
    this.#telemetry.settings = telemetrySettings(rules, workload);
    this.outbound = new OutboundSide(rules, {
      workload,
      identity,
      telemetry: this.#telemetry,
      directory: parts.directory,
      links: parts.links,
      gateways: ingressGateways,
      edge: EDGE_ANSWERS,
      onError,
    });
    this.#gatekeeper = new Gatekeeper(rules, workload, parts.remoteKeys);
    this.#http2 = createServer({ ...CLIENT_LIMITS, onHandlerError: onError });
    this.#http2.raw((stream, headers, endStream) => {
      const { remoteAddress = '' } = stream.connection.socket as { readonly remoteAddress?: string };
      return this.#request(stream, edgeFields(headers, remoteAddress), endStream);
    });
    this.#translated = createServer({ ...SIDECAR_LIMITS, onHandlerError: onError });
    this.#translated.raw((stream, headers, endStream) => this.#request(stream, headers, endStream));
    this.#link = linkTo(this.#translated);
    this.#listener = new Http1Listener({
      client: this.#link,
      edge: edgeFields,
      http2: (socket: Socket) => {
        socket.setNoDelay(true);
        this.#http2.serve(socket);
      },
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
  }

  /** @throws Error when the port is taken. */
  static async start(rules: RuleSet, options: IngressOptions, parts: SidecarParts): Promise<Ingress> {
    const { namespace, serviceAccount } = ingressWorkload(rules);
    const id = spiffeId(parts.sinks.trustDomain, namespace, serviceAccount);
    const ingress = new Ingress(rules, options, parts, await WorkloadIdentity.create(parts.authority, id));
    try {
      ingress.port = await ingress.#listener.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
    } catch (error) {
      ingress.close();
      throw error;
    }
    return ingress;
  }

  setRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#gatekeeper = new Gatekeeper(rules, this.workload, this.#parts.remoteKeys);
    this.#telemetry.settings = telemetrySettings(rules, this.workload);
    this.outbound.setRules(rules);
  }

  /** Takes no new connections and no new requests; what runs may end. */
  drain(): void {
    this.#listener.drain();
    void this.#http2.drain(60_000);
  }

  close(): void {
    this.#listener.close();
    this.#http2.close();
    this.#link.close();
    this.#translated.close();
    this.outbound.close();
    this.identity.close();
  }

  #request(stream: Http2Stream, headers: readonly string[], endStream: boolean): boolean {
    const head = new RequestHead(headers as HeaderList);
    const host = head.authority.replace(/:[0-9]+$/, '').toLowerCase();
    const port = gatewayPort(this.#rules, host);
    if (port === undefined) {
      this.#refuse(stream, head, endStream, localReply(404, `no Gateway takes the host ${host.slice(0, 100)}`, 'NR'));
      return true;
    }
    const admission = this.#gatekeeper.admit(head, undefined, port, clientAddress(headers));
    if ('then' in admission) this.#later(stream, head, endStream, port, admission);
    else this.#proceed(stream, head, endStream, port, admission);
    return true;
  }

  #proceed(stream: Http2Stream, head: RequestHead, endStream: boolean, port: number, admission: Admission): void {
    if (admission.refused !== undefined) this.#refuse(stream, head, endStream, admission.refused);
    else
      this.outbound.enter(
        stream,
        admission.headers === undefined ? head : withList(head, admission.headers),
        endStream,
        port,
      );
  }

  /** Answered here, and reported like every other call. */
  #refuse(stream: Http2Stream, head: RequestHead, endStream: boolean, reply: LocalReply): void {
    const plan = new AnswerPlan((call) => this.#telemetry.unrouted(call, '-'), EDGE_ANSWERS.replyFields);
    new ProxiedCall(stream, head, plan, endStream).reply(reply);
  }

  #later(
    stream: Http2Stream,
    head: RequestHead,
    endStream: boolean,
    port: number,
    admission: Promise<Admission>,
  ): void {
    const waiting = new WaitingStream(stream, endStream);
    admission
      .then((result) => waiting.resume((ended) => this.#proceed(stream, head, ended, port, result)))
      .catch((error: unknown) => {
        this.#parts.onError(error);
        const reply = localReply(500, 'internal error', '-', 13);
        waiting.resume((ended) => this.#refuse(stream, head, ended, reply));
      });
  }
}

/** The last entry of X-Forwarded-For, which is this edge's own. */
function clientAddress(headers: readonly string[]): string {
  const all = headers[headers.lastIndexOf('x-forwarded-for') + 1] ?? '';
  return all.slice(all.lastIndexOf(',') + 1);
}

function withList(head: RequestHead, headers: readonly string[]): RequestHead {
  const changed = new RequestHead(headers as HeaderList);
  changed.path = head.path;
  changed.claims = head.claims;
  return changed;
}
