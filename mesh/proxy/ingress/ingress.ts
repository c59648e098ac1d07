// Stands for Istio's ingress gateway: callers from outside enter here, under the Gateway and VirtualService objects.
// It speaks HTTP/2 without TLS (gRPC); it asks its own policies first, as a gateway's workload does in a cluster.

import { createServer, type HeaderList, type Http2Stream, type Server } from '#transport';
import { localReply, type RuleSet, spiffeId, type Workload } from '../../rules/index.ts';
import { hostMatches } from '../../rules/model/host-name.ts';
import { ingressGateways, ingressWorkload } from '../../rules/predict/find-workload.ts';
import { RequestHead } from '../call/request-head.ts';
import { sendReply } from '../call/send-reply.ts';
import { SIDECAR_LIMITS } from '../clusters/connection-settings.ts';
import { WorkloadIdentity } from '../identity/workload-identity.ts';
import type { IngressOptions } from '../mesh-options.ts';
import { type Admission, Gatekeeper } from '../sidecar/gatekeeper.ts';
import { CLIENT_CERT } from '../sidecar/inbound-plan.ts';
import { OutboundSide } from '../sidecar/outbound-side.ts';
import type { SidecarParts } from '../sidecar/sidecar.ts';
import { CallTelemetry } from '../telemetry/call-telemetry.ts';
import { WaitingStream } from './waiting-stream.ts';

export class Ingress {
  readonly workload: Workload;
  readonly identity: WorkloadIdentity;
  readonly outbound: OutboundSide;
  readonly server: Server;
  port = 0;
  #gatekeeper: Gatekeeper;
  #rules: RuleSet;
  readonly #parts: SidecarParts;

  private constructor(rules: RuleSet, parts: SidecarParts, workload: Workload, identity: WorkloadIdentity) {
    this.#rules = rules;
    this.#parts = parts;
    this.workload = workload;
    this.identity = identity;
    const telemetry = new CallTelemetry(workload, parts.sinks);
    this.outbound = new OutboundSide(rules, {
      workload,
      identity,
      telemetry,
      directory: parts.directory,
      links: parts.links,
      gateways: ingressGateways,
      onError: parts.onError,
    });
    this.#gatekeeper = new Gatekeeper(rules, workload, parts.remoteKeys);
    this.server = createServer({
      ...SIDECAR_LIMITS,
      maxConcurrentStreams: 1000,
      resetBurst: 1000,
      resetRate: 100,
      controlBurst: 1000,
      controlRate: 200,
      onHandlerError: parts.onError,
    });
    this.server.raw((stream, headers, endStream) => this.#request(stream, headers, endStream));
  }

  static async start(rules: RuleSet, options: IngressOptions, parts: SidecarParts): Promise<Ingress> {
    const workload = ingressWorkload(rules);
    const id = spiffeId(parts.sinks.trustDomain, workload.namespace, workload.serviceAccount);
    const ingress = new Ingress(rules, parts, workload, await WorkloadIdentity.create(parts.authority, id));
    ingress.port = (await ingress.server.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })).port;
    return ingress;
  }

  setRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#gatekeeper = new Gatekeeper(rules, this.workload, this.#parts.remoteKeys);
    this.outbound.setRules(rules);
  }

  close(): void {
    this.server.close();
    this.outbound.close();
    this.identity.close();
  }

  /** The port that Gateway objects give a host; undefined when none of them takes it. */
  #gatewayPort(host: string): number | undefined {
    for (const { spec } of this.#rules.objects('Gateway'))
      for (const server of spec.servers ?? [])
        if (server.hosts.some((each) => hostMatches(each.slice(each.indexOf('/') + 1), host)))
          return server.port.number;
    return undefined;
  }

  #request(stream: Http2Stream, headers: HeaderList, endStream: boolean): boolean {
    // What only a sidecar may say is not taken from outside.
    const head = new RequestHead(without(headers, CLIENT_CERT));
    const host = head.authority.replace(/:[0-9]+$/, '').toLowerCase();
    const port = this.#gatewayPort(host);
    if (port === undefined) {
      sendReply(stream, head.isGrpc, localReply(404, `no Gateway takes the host ${host.slice(0, 100)}`, 'NR'));
      return true;
    }
    const address = (stream.connection.socket as { readonly remoteAddress?: string }).remoteAddress ?? '';
    const admission = this.#gatekeeper.admit(head, undefined, port, address);
    if ('then' in admission) this.#later(stream, head, endStream, port, admission);
    else this.#proceed(stream, head, endStream, port, admission);
    return true;
  }

  #proceed(stream: Http2Stream, head: RequestHead, endStream: boolean, port: number, admission: Admission): void {
    if (admission.refused !== undefined) sendReply(stream, head.isGrpc, admission.refused);
    else
      this.outbound.enter(
        stream,
        admission.headers === undefined ? head : withList(head, admission.headers),
        endStream,
        port,
      );
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
        waiting.resume(() => sendReply(stream, head.isGrpc, localReply(500, 'internal error', '-', 13)));
      });
  }
}

function without(headers: HeaderList, name: string): HeaderList {
  if (!headers.includes(name)) return headers;
  const out: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (headers[i] !== name) out.push(headers[i] ?? '', headers[i + 1] ?? '');
  return out;
}

function withList(head: RequestHead, headers: readonly string[]): RequestHead {
  const changed = new RequestHead(headers as HeaderList);
  changed.path = head.path;
  changed.claims = head.claims;
  return changed;
}
