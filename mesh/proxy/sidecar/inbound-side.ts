// The inbound side of one sidecar: mTLS in, policies asked, on to the service's own socket.
// Whether plaintext is taken is decided for each connection, from its first octet and the PeerAuthentication of the moment.

import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer as createPlainServer, type Server as PlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import {
  type Client,
  connect,
  createServer,
  type HeaderList,
  type Http2Connection,
  type Http2Stream,
  headerValue,
  type Server,
} from '#transport';
import { localReply, peerRequirement, type RuleSet, type Workload } from '../../rules/index.ts';
import { ProxiedCall } from '../call/proxied-call.ts';
import { RequestHead } from '../call/request-head.ts';
import { sendReply } from '../call/send-reply.ts';
import { RECONNECT, SIDECAR_LIMITS } from '../clusters/connection-settings.ts';
import type { InstanceAddress } from '../clusters/directory.ts';
import { Pool } from '../clusters/pool.ts';
import type { SessionLinks } from '../clusters/session-links.ts';
import { Http1Service } from '../http1/service/http1-service.ts';
import { verifiedPeer } from '../identity/peer-certificate.ts';
import type { WorkloadIdentity } from '../identity/workload-identity.ts';
import { CallSpan } from '../telemetry/call-span.ts';
import type { CallTelemetry } from '../telemetry/call-telemetry.ts';
import { AnswerPlan } from './answer-plan.ts';
import { type Admission, Gatekeeper, type RemoteKeys } from './gatekeeper.ts';
import { type InboundConnection, InboundPlan } from './inbound-plan.ts';

/** First octet of a TLS record that holds a handshake (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
const FIRST_OCTET_MS = 10_000;

/** What a service speaks to its sidecar: HTTP/2 with prior knowledge (gRPC), or HTTP/1.1. */
export type ServiceProtocol = 'http2' | 'http1';

export interface InboundOptions {
  readonly workload: Workload;
  readonly identity: WorkloadIdentity;
  readonly telemetry: CallTelemetry;
  /** Where the service itself listens: `unix:/path` or `host:port` on this machine. */
  readonly target: string;
  readonly protocol: ServiceProtocol;
  /** The workload's port, as policies name it. */
  readonly port: number;
  readonly trustDomain: string;
  readonly remoteKeys: RemoteKeys;
  readonly links: SessionLinks | undefined;
  readonly onError: (error: unknown) => void;
}

export class InboundSide {
  readonly server: Server;
  readonly #options: InboundOptions;
  readonly #listener: PlainServer;
  /** The same, where the other sidecars of this mesh come in: a unix socket costs less than the loopback interface. */
  readonly #near: PlainServer;
  readonly #tls: TlsServer;
  readonly #client: Client;
  readonly #http1: Http1Service | undefined;
  readonly #pool: Pool;
  readonly #plaintext = new Set<Http2Connection>();
  readonly #secured = new Set<Http2Connection>();
  #gatekeeper: Gatekeeper;

  constructor(rules: RuleSet, options: InboundOptions) {
    this.#options = options;
    this.#gatekeeper = new Gatekeeper(rules, options.workload, options.remoteKeys);
    this.server = createServer({ ...SIDECAR_LIMITS, maxConnections: 100_000, onHandlerError: options.onError });
    this.server.raw((stream, headers, endStream) => this.#request(stream, headers, endStream));
    const { cert, key, ca } = options.identity.certificate;
    const mutual = {
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.3' as const,
    };
    this.#tls = createTlsServer({ cert, key, ca: [...ca], ...mutual, handshakeTimeout: FIRST_OCTET_MS }, (socket) =>
      this.#secure(socket),
    );
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#listener = createPlainServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#near = createPlainServer((socket) => this.#accept(socket));
    this.#http1 = options.protocol === 'http1' ? new Http1Service(options.target, options.onError) : undefined;
    this.#client =
      this.#http1?.client ??
      connect({ ...SIDECAR_LIMITS, ...RECONNECT, target: options.target, authority: 'localhost', maxConnections: 8 });
    this.#pool = new Pool(options.target, this.#client);
    options.identity.onRenewed(() => this.#renew());
  }

  /** Listens on a free port of the loopback interface, for anyone, and on a unix socket, for the mesh's own sidecars. */
  async listen(near: string): Promise<{ readonly address: InstanceAddress; readonly near: InstanceAddress }> {
    await rm(near, { force: true });
    await Promise.all([
      listening(this.#listener, { host: '127.0.0.1', port: 0 }, this.#options.onError),
      listening(this.#near, { path: near }, this.#options.onError),
    ]);
    const { port } = this.#listener.address() as AddressInfo;
    return { address: { host: '127.0.0.1', port }, near: { path: near } };
  }

  setRules(rules: RuleSet): void {
    this.#gatekeeper = new Gatekeeper(rules, this.#options.workload, this.#options.remoteKeys);
    const mode = this.#mode();
    if (mode === 'STRICT') for (const connection of this.#plaintext) connection.drain();
    if (mode === 'DISABLE') for (const connection of this.#secured) connection.drain();
  }

  /** Takes nothing new; resolves when what runs has ended, or after `grace` milliseconds by force. */
  async drain(grace: number): Promise<void> {
    this.#listener.close();
    this.#near.close();
    await this.server.drain(grace);
    this.#client.drain();
  }

  close(): void {
    this.#listener.close();
    this.#near.close();
    this.server.close();
    this.#client.close();
    this.#http1?.close();
  }

  /** TLS is not taken here: callers with automatic mTLS speak plaintext. */
  get plaintextOnly(): boolean {
    return this.#mode() === 'DISABLE';
  }

  #mode(): string {
    return peerRequirement(this.#gatekeeper.rules, this.#options.workload, this.#options.port).mode;
  }

  #renew(): void {
    const { cert, key, ca } = this.#options.identity.certificate;
    this.#tls.setSecureContext({ cert, key, ca: [...ca], minVersion: 'TLSv1.3' });
  }

  #accept(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), FIRST_OCTET_MS);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => clearTimeout(timer));
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(timer);
      socket.pause();
      socket.unshift(chunk);
      const mode = this.#mode();
      const secure = chunk[0] === TLS_HANDSHAKE;
      // STRICT: a plaintext caller gets no answer at all, as from a sidecar that has no filter chain for it.
      if ((secure && mode === 'DISABLE') || (!secure && mode === 'STRICT')) socket.destroy();
      else if (secure) this.#tls.emit('connection', socket);
      else {
        this.#serve(socket, { peer: undefined, clientCert: undefined, address: socket.remoteAddress ?? '127.0.0.1' });
        socket.resume();
      }
    });
  }

  #secure(socket: TLSSocket): void {
    const peer = verifiedPeer(socket, this.#options.trustDomain);
    if (peer === undefined || socket.alpnProtocol !== 'h2') {
      socket.destroy();
      return;
    }
    const clientCert = `By=${this.#options.identity.spiffeId};Hash=${peer.hash};Subject="";URI=${peer.uri}`;
    this.#serve(socket, { peer, clientCert, address: socket.remoteAddress ?? '127.0.0.1' });
  }

  #serve(socket: Socket, info: InboundConnection): void {
    const connection = this.server.serve(socket);
    if (connection === undefined) return;
    if (info.peer !== undefined) this.#options.links?.offer(connection);
    connection.data = info;
    const alike = info.peer === undefined ? this.#plaintext : this.#secured;
    alike.add(connection);
    socket.once('close', () => alike.delete(connection));
  }

  #request(stream: Http2Stream, headers: HeaderList, endStream: boolean): boolean {
    const head = new RequestHead(headers);
    const connection = stream.connection.data as InboundConnection | undefined;
    if (stream.listTooLarge || head.ambiguous || head.method === 'CONNECT' || connection === undefined) {
      sendReply(stream, head, localReply(400, 'the request cannot be served', '-'));
      return true;
    }
    const admission = this.#gatekeeper.admit(head, connection.peer, this.#options.port, connection.address);
    if ('then' in admission) this.#later(stream, head, connection, endStream, admission);
    else this.#proceed(stream, head, connection, endStream, admission);
    return true;
  }

  #proceed(
    stream: Http2Stream,
    head: RequestHead,
    connection: InboundConnection,
    endStream: boolean,
    admission: Admission,
  ): void {
    const { telemetry, workload } = this.#options;
    const service = workload.name;
    if (admission.refused !== undefined) {
      const plan = new AnswerPlan((call) => telemetry.inbound(call, connection.peer, service));
      new ProxiedCall(stream, head, plan, endStream).reply(admission.refused);
      return;
    }
    const plan = new InboundPlan(this.#pool, connection, telemetry, service);
    plan.headers = admission.headers;
    const call = new ProxiedCall(stream, head, plan, endStream);
    if (telemetry.traces) call.span = CallSpan.begin(headerValue(head.list, 'traceparent'), 'server', 0);
    call.start();
  }

  /** A token that was not seen before: the body waits in the caller's window. */
  #later(
    stream: Http2Stream,
    head: RequestHead,
    connection: InboundConnection,
    endStream: boolean,
    admission: Promise<Admission>,
  ): void {
    const { telemetry, workload } = this.#options;
    const plan = new InboundPlan(this.#pool, connection, telemetry, workload.name);
    const call = new ProxiedCall(stream, head, plan, endStream);
    admission.then(
      (result) => {
        if (call.over) return;
        if (result.refused !== undefined) call.reply(result.refused);
        else {
          plan.headers = result.headers;
          call.start();
        }
      },
      (error: unknown) => {
        this.#options.onError(error);
        call.reply(localReply(500, 'internal error', '-', 13));
      },
    );
  }
}

function listening(
  server: PlainServer,
  where: { readonly host: string; readonly port: number } | { readonly path: string },
  onError: (error: unknown) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
}
