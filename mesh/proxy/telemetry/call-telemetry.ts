// What one sidecar reports of its calls: metrics always, an access log line and a span where a Telemetry object asks.
// Labels are put together once for each combination and kept, because they are far dearer than the counting.

import { headerValue } from '#transport';
import type { Cluster } from '../../rules/index.ts';
import { grpcStatusName, spiffeId, type Workload } from '../../rules/index.ts';
import type { ProxiedCall } from '../call/proxied-call.ts';
import { tickClock } from '../call/tick-clock.ts';
import type { Instance } from '../clusters/directory.ts';
import type { VerifiedPeer } from '../identity/peer-certificate.ts';
import type { AccessLog } from './access-log.ts';
import type { SpanExporter } from './span-exporter.ts';
import type { Series, StandardMetrics } from './standard-metrics.ts';

export interface TelemetrySettings {
  readonly accessLog: boolean;
  /** Share of traces that begin here. */
  readonly samplingPercent: number;
  /** False where a Telemetry object switches span reporting off. */
  readonly spans: boolean;
}

export interface TelemetrySinks {
  readonly metrics: StandardMetrics;
  readonly accessLog: AccessLog;
  readonly spans: SpanExporter | undefined;
  readonly trustDomain: string;
}

interface Parties {
  readonly source: Workload | undefined;
  readonly destination: Workload | undefined;
  readonly sourcePrincipal: string;
  readonly destinationPrincipal: string;
  readonly service: string;
}

const UNKNOWN = 'unknown';
const PLAINTEXT = 'plaintext';

interface KnownSeries {
  readonly httpStatus: number;
  readonly grpcStatus: number;
  readonly flag: string;
  readonly isGrpc: boolean;
  readonly series: Series;
}

export class CallTelemetry {
  readonly workload: Workload;
  settings: TelemetrySettings = { accessLog: false, samplingPercent: 0, spans: true };
  readonly #sinks: TelemetrySinks;
  readonly #known = new Map<unknown, KnownSeries[]>();

  constructor(workload: Workload, sinks: TelemetrySinks) {
    this.workload = workload;
    this.#sinks = sinks;
  }

  /** Spans are exported at all. */
  get traces(): boolean {
    return this.#sinks.spans !== undefined && this.settings.spans;
  }

  get sourceName(): string {
    return `${this.workload.namespace}/${this.workload.name}`;
  }

  outbound(
    call: ProxiedCall,
    plan: {
      readonly runtime: { readonly cluster: Cluster };
      readonly forward: { readonly route: { readonly name: string } };
    },
  ): void {
    const { cluster } = plan.runtime;
    const instance = call.pool?.data as Instance | undefined;
    const key = instance ?? cluster.key;
    const series =
      this.#find(key, call) ??
      this.#make(key, 'source', call, {
        source: this.workload,
        destination: instance?.workload,
        sourcePrincipal: this.#principal(this.workload),
        destinationPrincipal: instance?.spiffeId ?? UNKNOWN,
        service: cluster.host,
      });
    this.#count(series, call);
    this.#detail(call, 'outbound', cluster.key, plan.forward.route.name, instance?.id);
  }

  /** A call that no route took, or that a fault ended: there is no cluster to speak of. */
  unrouted(call: ProxiedCall, route: string): void {
    const host = call.head.host;
    const series =
      this.#find('unrouted', call) ??
      this.#make('unrouted', 'source', call, {
        source: this.workload,
        destination: undefined,
        sourcePrincipal: this.#principal(this.workload),
        destinationPrincipal: UNKNOWN,
        // Only hosts that the registry knows become a label: callers must not be able to make series.
        service: UNKNOWN,
      });
    this.#count(series, call);
    this.#detail(call, 'outbound', host, route, undefined);
  }

  inbound(call: ProxiedCall, peer: VerifiedPeer | undefined, service: string): void {
    const key = peer?.uri ?? PLAINTEXT;
    this.#count(this.#find(key, call) ?? this.#make(key, 'destination', call, this.#served(peer, service)), call);
    this.#detail(call, 'inbound', service, 'default', peer?.uri);
  }

  #served(peer: VerifiedPeer | undefined, service: string): Parties {
    return {
      source:
        peer === undefined
          ? undefined
          : {
              name: peer.peer.serviceAccount,
              namespace: peer.peer.namespace,
              serviceAccount: peer.peer.serviceAccount,
              labels: new Map(),
            },
      destination: this.workload,
      sourcePrincipal: peer?.uri ?? UNKNOWN,
      destinationPrincipal: this.#principal(this.workload),
      service,
    };
  }

  #principal(workload: Workload): string {
    return spiffeId(this.#sinks.trustDomain, workload.namespace, workload.serviceAccount);
  }

  /** The series of a call that ended like one before it; few outcomes a party, so a look along a list is quickest. */
  #find(key: unknown, call: ProxiedCall): Series | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    const { httpStatus, grpcStatus, flag } = call;
    for (const each of known)
      if (
        each.httpStatus === httpStatus &&
        each.grpcStatus === grpcStatus &&
        each.flag === flag &&
        each.isGrpc === call.head.isGrpc
      )
        return each.series;
    return undefined;
  }

  #make(key: unknown, reporter: 'source' | 'destination', call: ProxiedCall, parties: Parties): Series {
    const series = this.#sinks.metrics.series(labels(reporter, call, parties));
    const { httpStatus, grpcStatus, flag } = call;
    if (this.#known.size > 4096) this.#known.clear();
    const known = this.#known.get(key) ?? [];
    known.push({ httpStatus, grpcStatus, flag, isGrpc: call.head.isGrpc, series });
    this.#known.set(key, known);
    return series;
  }

  #count(series: Series, call: ProxiedCall): void {
    series.add(tickClock.now() - call.startedAt, call.requestBytes, call.responseBytes);
  }

  #detail(call: ProxiedCall, direction: string, cluster: string, route: string, peer: string | undefined): void {
    if (this.settings.accessLog)
      this.#sinks.accessLog.write(logEntry(call, direction, cluster, route, peer, this.sourceName));
    const { span } = call;
    if (span === undefined || this.#sinks.spans === undefined) return;
    this.#sinks.spans.add({
      span,
      name: `${direction} ${call.head.path}`,
      service: this.sourceName,
      error: call.grpcStatus > 0 || call.httpStatus >= 500,
      endMs: Date.now(),
      attributes: {
        ...(call.head.isGrpc
          ? { 'rpc.system': 'grpc', 'rpc.grpc.status_code': call.grpcStatus }
          : { 'http.request.method': call.head.method, 'http.response.status_code': call.httpStatus }),
        upstream_cluster: cluster,
        response_flags: call.flag,
        'mesh.attempts': call.attempts,
      },
    });
  }
}

function labels(reporter: string, call: ProxiedCall, parties: Parties): Record<string, string> {
  const of = (side: 'source' | 'destination', workload: Workload | undefined): Record<string, string> => ({
    [`${side}_workload`]: workload?.name ?? UNKNOWN,
    [`${side}_workload_namespace`]: workload?.namespace ?? UNKNOWN,
    [`${side}_app`]: workload?.labels.get('app') ?? UNKNOWN,
    [`${side}_version`]: workload?.labels.get('version') ?? UNKNOWN,
    [`${side}_canonical_service`]: workload?.labels.get('app') ?? workload?.name ?? UNKNOWN,
    [`${side}_canonical_revision`]: workload?.labels.get('version') ?? 'latest',
  });
  return {
    reporter,
    ...of('source', parties.source),
    source_principal: parties.sourcePrincipal,
    source_cluster: 'Kubernetes',
    ...of('destination', parties.destination),
    destination_principal: parties.destinationPrincipal,
    destination_service: parties.service,
    destination_service_name: parties.service.split('.')[0] ?? UNKNOWN,
    destination_service_namespace: parties.destination?.namespace ?? UNKNOWN,
    destination_cluster: 'Kubernetes',
    request_protocol: call.head.isGrpc ? 'grpc' : 'http',
    response_code: String(call.httpStatus),
    grpc_response_status: call.grpcStatus < 0 ? '' : String(call.grpcStatus),
    response_flags: call.flag,
    connection_security_policy:
      reporter === 'source' ? UNKNOWN : parties.sourcePrincipal === UNKNOWN ? 'none' : 'mutual_tls',
  };
}

function logEntry(
  call: ProxiedCall,
  direction: string,
  cluster: string,
  route: string,
  peer: string | undefined,
  workload: string,
): Record<string, string | number | undefined> {
  return {
    start_time: new Date(Date.now() - (tickClock.now() - call.startedAt)).toISOString(),
    workload,
    direction,
    method: call.head.method,
    path: call.head.path.split('?')[0],
    authority: call.head.authority,
    response_code: call.httpStatus,
    grpc_status: call.grpcStatus < 0 ? undefined : grpcStatusName(call.grpcStatus),
    response_flags: call.flag,
    duration: Math.round(tickClock.now() - call.startedAt),
    bytes_received: call.requestBytes,
    bytes_sent: call.responseBytes,
    upstream_cluster: cluster,
    upstream_host: peer,
    route_name: route,
    attempts: call.attempts,
    request_id: headerValue(call.head.list, 'x-request-id'),
    trace_id: call.span?.traceId,
  };
}
