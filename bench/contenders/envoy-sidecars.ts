// Two sidecars by the real Envoy, in one process as the laptop mesh has them: plaintext from the client, mutual TLS between them,
// plaintext to the server. No filters but the router: what Istio adds to each hop comes on top.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../harness/certificate.ts';

/** Running sidecars. */
export interface EnvoySidecars {
  /** Where clients dial. */
  readonly port: number;
  readonly process: ChildProcess;
}

const prefix = 'type.googleapis.com/envoy.extensions';
const address = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } });

function listener(name: string, port: number, cluster: string, transport_socket?: object): object {
  const manager = {
    '@type': `${prefix}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    codec_type: 'HTTP2',
    route_config: {
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster, timeout: '30s' } }] },
      ],
    },
    http_filters: [{ name: 'router', typed_config: { '@type': `${prefix}.filters.http.router.v3.Router` } }],
  };
  const chain = { filters: [{ name: 'http', typed_config: manager }] };
  return {
    name,
    address: address(port),
    filter_chains: [transport_socket === undefined ? chain : { ...chain, transport_socket }],
  };
}

function cluster(name: string, port: number, transport_socket?: object): object {
  return {
    name,
    type: 'STATIC',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${prefix}.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
    ...(transport_socket === undefined ? {} : { transport_socket }),
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Waits until somebody listens on the port. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Envoy does not listen after ten seconds; its output above says why');
}

/** Starts them before a server on loopback; they end with this process. */
export async function startEnvoySidecars(program: string, serverPort: number): Promise<EnvoySidecars> {
  const [outbound, inbound] = [await freePort(), await freePort()];
  const certificate = makeCertificate();
  const { BENCH_CERT: cert, BENCH_KEY: key } = certificate.env;
  const common = {
    alpn_protocols: ['h2'],
    tls_certificates: [{ certificate_chain: { filename: cert }, private_key: { filename: key } }],
    validation_context: { trusted_ca: { filename: cert } },
  };
  const tls = (side: string, more: object): object => ({
    name: 'envoy.transport_sockets.tls',
    typed_config: { '@type': `${prefix}.transport_sockets.tls.v3.${side}`, common_tls_context: common, ...more },
  });
  const config = {
    static_resources: {
      listeners: [
        listener('outbound', outbound, 'peer'),
        listener('inbound', inbound, 'server', tls('DownstreamTlsContext', { require_client_certificate: true })),
      ],
      clusters: [
        cluster('peer', inbound, tls('UpstreamTlsContext', { sni: 'localhost' })),
        cluster('server', serverPort),
      ],
    },
  };
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  const file = join(folder, 'envoy.json');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(program, ['-c', file, '--concurrency', '2', '-l', 'error', '--disable-hot-restart'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.on('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    certificate.remove();
  });
  await listening(outbound);
  await listening(inbound);
  return { port: outbound, process: child };
}
