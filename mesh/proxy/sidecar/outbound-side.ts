// The outbound side of one sidecar: streams from its tunnels (or from the ingress), decided and sent on.
// Rules are compiled once a snapshot; the swap of a snapshot is one assignment, and calls that run keep their plan.

import { connect as openTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type HeaderList, type Http2Stream, headerValue, type Server } from '#transport';
import {
  decideAt,
  findService,
  type HostLookup,
  type LocalReply,
  localReply,
  Outbound,
  parseAuthority,
  type RuleSet,
  randomDraw,
  type Workload,
} from '../../rules/index.ts';
import { ProxiedCall } from '../call/proxied-call.ts';
import { RequestHead } from '../call/request-head.ts';
import { sendReply } from '../call/send-reply.ts';
import { ClusterRuntime } from '../clusters/cluster-runtime.ts';
import { SIDECAR_LIMITS } from '../clusters/connection-settings.ts';
import type { Directory } from '../clusters/directory.ts';
import type { SessionLinks } from '../clusters/session-links.ts';
import type { WorkloadIdentity } from '../identity/workload-identity.ts';
import { CallSpan } from '../telemetry/call-span.ts';
import type { CallTelemetry } from '../telemetry/call-telemetry.ts';
import type { TunnelOwner, TunnelTarget } from '../tunnel/tunnel-listener.ts';
import { AnswerPlan } from './answer-plan.ts';
import { mirrorCall } from './mirror.ts';
import { type EdgeAnswers, OutboundPlan } from './outbound-plan.ts';

/** ALLOW_ANY: a host that no manifest declares is reached as it is, octet for octet (Istio's PassthroughCluster). */
function passThrough(socket: Duplex, target: TunnelTarget): void {
  const outside = openTcp({ host: target.host, port: target.port });
  const end = (): void => {
    outside.destroy();
    socket.destroy();
  };
  for (const side of [outside, socket]) side.on('error', end).on('close', end);
  socket.pipe(outside).pipe(socket);
}

export interface OutboundOptions {
  readonly workload: Workload;
  readonly identity: WorkloadIdentity;
  readonly directory: Directory;
  readonly links: SessionLinks | undefined;
  readonly telemetry: CallTelemetry;
  /** `['mesh']` for a sidecar, gateways' names for the ingress. */
  readonly gateways: (rules: RuleSet) => readonly string[];
  /** An ingress writes more into answers than a sidecar. */
  readonly edge?: EdgeAnswers;
  readonly onError: (error: unknown) => void;
}

/** A tunnel, and the last authority that was called through it: nearly always the only one. */
class Tunnel {
  readonly target: TunnelTarget;
  authority = '';
  host = '';
  port = 0;
  outbound: Outbound | undefined = undefined;
  lookup: HostLookup | undefined = undefined;

  constructor(target: TunnelTarget) {
    this.target = target;
  }
}

export class OutboundSide implements TunnelOwner {
  readonly clusters = new Map<string, ClusterRuntime>();
  readonly server: Server;
  readonly #options: OutboundOptions;
  #outbound: Outbound;

  constructor(rules: RuleSet, options: OutboundOptions) {
    this.#options = options;
    this.#outbound = new Outbound(rules, options.workload, options.gateways(rules));
    this.server = createServer({ ...SIDECAR_LIMITS, maxConnections: 100_000, onHandlerError: options.onError });
    this.server.raw((stream, headers, endStream) => this.#request(stream, headers, endStream));
    options.identity.onRenewed(() => {
      for (const cluster of this.clusters.values()) cluster.reconnect();
    });
  }

  tunnel(socket: Duplex, target: TunnelTarget): void {
    if ('passThrough' in this.#outbound.find(target.host, target.port)) {
      passThrough(socket, target);
      return;
    }
    const connection = this.server.serve(socket);
    if (connection !== undefined) connection.data = new Tunnel(target);
  }

  /** Takes a stream that came in at the edge; the Gateway says which port it was for. */
  enter(stream: Http2Stream, head: RequestHead, endStream: boolean, port: number): void {
    this.#handle(stream, head, endStream, undefined, port);
  }

  /** New rules: decisions from now on are theirs. */
  setRules(rules: RuleSet): void {
    this.#outbound = new Outbound(rules, this.#options.workload, this.#options.gateways(rules));
  }

  get outbound(): Outbound {
    return this.#outbound;
  }

  /** Runs once a second: brings ejected instances back. */
  sweep(nowMs: number): void {
    for (const cluster of this.clusters.values()) cluster.sweep(nowMs);
  }

  close(): void {
    this.server.close();
    for (const cluster of this.clusters.values()) cluster.close();
  }

  #request(stream: Http2Stream, headers: HeaderList, endStream: boolean): boolean {
    const head = new RequestHead(headers);
    this.#handle(stream, head, endStream, stream.connection.data as Tunnel | undefined);
    return true;
  }

  #handle(stream: Http2Stream, head: RequestHead, endStream: boolean, tunnel: Tunnel | undefined, port?: number): void {
    const lookup = stream.listTooLarge
      ? localReply(431, 'the request headers exceed the limit', '-', 8)
      : this.#find(head, tunnel, port);
    if ('flag' in lookup) {
      sendReply(stream, head, lookup, this.#options.edge?.replyFields);
      return;
    }
    const { telemetry, edge } = this.#options;
    const decision = decideAt(lookup, head, randomDraw());
    if (decision.kind !== 'forward') {
      const reply =
        decision.kind === 'reply'
          ? decision.reply
          : localReply(502, `the mesh does not carry calls to ${head.host}: it is not declared`, 'NR');
      const fault = decision.kind === 'reply' ? decision.fault : undefined;
      const call = new ProxiedCall(
        stream,
        head,
        new AnswerPlan(
          (ended) => telemetry.unrouted(ended, (decision.kind === 'reply' ? decision.route?.name : undefined) ?? '-'),
          edge?.replyFields,
        ),
        endStream,
      );
      call.answer(reply, fault?.delayMs);
      return;
    }
    const plan = new OutboundPlan(decision, this.cluster(decision.cluster), telemetry, edge);
    const call = new ProxiedCall(stream, head, plan, endStream);
    if (this.#traced)
      call.span = CallSpan.begin(headerValue(head.list, 'traceparent'), 'client', telemetry.settings.samplingPercent);
    if (decision.mirrors.length > 0)
      call.tap = mirrorCall(
        head,
        decision,
        decision.mirrors.map((each) => this.cluster(each)),
        endStream,
      );
    call.start(decision.fault?.delayMs);
  }

  get #traced(): boolean {
    return this.#options.telemetry.traces;
  }

  /** The routes of whom the call is for; what was found for a tunnel's last call holds while authority and rules are the same. */
  #find(head: RequestHead, tunnel: Tunnel | undefined, port: number | undefined): HostLookup | LocalReply {
    const outbound = this.#outbound;
    if (tunnel?.lookup !== undefined && tunnel.outbound === outbound && tunnel.authority === head.authority) {
      if (!head.ambiguous && head.method !== 'CONNECT') {
        head.host = tunnel.host;
        head.port = tunnel.port;
        return tunnel.lookup;
      }
    }
    const refusal = this.#target(head, tunnel?.target, port);
    if (refusal !== undefined) return refusal;
    const lookup = outbound.find(head.host, head.port);
    if (tunnel !== undefined && 'virtualHost' in lookup) {
      tunnel.authority = head.authority;
      tunnel.host = head.host;
      tunnel.port = head.port;
      tunnel.outbound = outbound;
      tunnel.lookup = lookup;
    }
    return lookup;
  }

  /** Finds out whom the call is for; a reply when that is not certain. */
  #target(head: RequestHead, tunnel: TunnelTarget | undefined, port: number | undefined): LocalReply | undefined {
    if (head.method === 'CONNECT') return localReply(405, 'a tunnel within a tunnel is not carried', 'NR', 12);
    const authority = parseAuthority(head.authority);
    if (authority === undefined || head.ambiguous) return localReply(400, 'the request can be read in two ways', '-');
    head.host = authority.host;
    head.port = port ?? authority.port ?? tunnel?.port ?? 80;
    if (tunnel === undefined || (tunnel.host === head.host && tunnel.port === head.port)) return undefined;
    // Another spelling of the same service is the same target; anything else was not what the tunnel was opened for.
    const { registry } = this.#outbound.rules;
    const { namespace } = this.#options.workload;
    const opened = findService(registry, tunnel.host, namespace);
    const same = opened !== undefined && opened === findService(registry, head.host, namespace);
    return same && tunnel.port === head.port
      ? undefined
      : localReply(403, 'the authority is not what the tunnel was opened for', '-');
  }

  cluster(cluster: Parameters<ClusterRuntime['update']>[0]): ClusterRuntime {
    let runtime = this.clusters.get(cluster.key);
    if (runtime === undefined) {
      runtime = new ClusterRuntime(cluster, this.#options);
      this.clusters.set(cluster.key, runtime);
    } else runtime.update(cluster);
    return runtime;
  }
}
