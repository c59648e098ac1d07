// Where outgoing calls go: every service's gRPC finds this proxy in `grpc_proxy`, and opens a CONNECT tunnel for the logical
// name that it dials (`payment.fairlead.svc.cluster.local:50051`). The caller's token says who it is.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process behind the tunnel. */
export interface Workload {
  readonly service: string;
  readonly version: string;
  /** Path of the unix socket that it serves gRPC on; undefined for one that only calls. */
  readonly socket: string | undefined;
  /** Services that it may call. */
  readonly calls: readonly string[];
}

/** Options of {@link openTunnel}. */
export interface TunnelOptions {
  readonly namespace: string;
  readonly domain: string;
  readonly workloads: readonly Workload[];
}

/** The proxy, listening. */
export interface Tunnel {
  /** Value of `grpc_proxy` for a workload. Holds its token. */
  proxyFor(workload: Workload): string;
  close(): Promise<void>;
}

/** How long a call waits for a process that is starting, in milliseconds: longer than a start, shorter than a person waits. */
const patienceMs = 15_000;

interface Member {
  readonly workload: Workload;
  readonly token: Buffer;
}

function refuse(socket: Duplex, status: string, why: string): void {
  socket.end(`HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${why}\n`);
}

/** Connects to a socket that may not be there yet. */
async function reach(path: string, gone: () => boolean): Promise<Socket | undefined> {
  for (const start = performance.now(); performance.now() - start < patienceMs && !gone(); await sleep(50)) {
    const socket = connect(path);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (connected) return socket;
    socket.destroy();
  }
  return undefined;
}

/** Opens the proxy on a free loopback port. */
export async function openTunnel({ namespace, domain, workloads }: TunnelOptions): Promise<Tunnel> {
  const members = new Map<string, Member>();
  const keyOf = ({ service, version }: Workload): string => `${service}.${version}`;
  for (const workload of workloads) {
    members.set(keyOf(workload), { workload, token: Buffer.from(randomBytes(24).toString('base64url')) });
  }
  const suffix = `.${namespace}.svc.${domain}:50051`;
  const open = new Set<Duplex>();

  function callerOf(request: IncomingMessage): Workload | undefined {
    const [, credentials = ''] = /^Basic (\S+)$/i.exec(request.headers['proxy-authorization'] ?? '') ?? [];
    const text = Buffer.from(credentials, 'base64').toString();
    const colon = text.indexOf(':');
    const member = members.get(text.slice(0, colon));
    const token = Buffer.from(text.slice(colon + 1));
    return member !== undefined && token.length === member.token.length && timingSafeEqual(token, member.token)
      ? member.workload
      : undefined;
  }

  const server = createServer((_, response) => {
    response.writeHead(405).end('only CONNECT is served here\n');
  });
  server.on('connect', async (request, client, head) => {
    client.on('error', () => client.destroy());
    const caller = callerOf(request);
    if (caller === undefined) return refuse(client, '407 Proxy Authentication Required', 'the token is not known');
    const authority = request.url ?? '';
    const service = authority.endsWith(suffix) ? authority.slice(0, -suffix.length) : '';
    if (!caller.calls.includes(service)) {
      return refuse(client, '403 Forbidden', `${caller.service} does not declare that it calls ${authority}`);
    }
    // The mesh weighs versions; this stand-in sends all calls to the first one.
    const target = workloads.find((workload) => workload.service === service && workload.socket !== undefined);
    if (target?.socket === undefined) return refuse(client, '502 Bad Gateway', `${service} was not started`);
    const upstream = await reach(target.socket, () => client.destroyed);
    if (upstream === undefined) return refuse(client, '504 Gateway Timeout', `${service} does not listen`);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    upstream.on('error', () => client.destroy());
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    proxyFor(workload) {
      const token = members.get(keyOf(workload))?.token.toString() ?? '';
      return `http://${encodeURIComponent(keyOf(workload))}:${token}@127.0.0.1:${port}`;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
