// The attacks on the laptop mesh: through the tunnel of a workload that was broken into, on the sidecar of the called one with
// that workload's certificate, and without any. The honest caller is another workload, and calls the same service.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SIDECAR_LIMITS } from '../../../mesh/proxy/clusters/connection-settings.ts';
import { attacks, brief, calmOfOurs, type Target } from '../../transport/attacks/attacks.ts';
import { type Assault, type Look, type SiegeOptions, siegeInParts, Victim } from '../../transport/attacks/siege.ts';
import { type EchoCaller, openEchoCaller } from './echo-caller.ts';
import { echoPaths } from './echo-service.ts';
import { everything } from './extent.ts';
import { drip } from './http-attacks.ts';
import type { MeshAddress } from './mesh-victim.ts';
import { RawHttp } from './raw-http.ts';

const host = 'payment.shop.svc.cluster.local:50051';

/** The mesh, the service behind it, and an honest caller. */
class Besieged implements SiegeOptions {
  readonly victim = new Victim<MeshAddress>(join(import.meta.dirname, 'mesh-victim.ts'));
  #service: Victim<object> | undefined;
  #honest: EchoCaller | undefined;

  async start(): Promise<void> {
    const { honest, listen } = await this.victim.start();
    this.#service = new Victim(join(import.meta.dirname, 'service-victim.ts'), { LISTEN: listen });
    await this.#service.start();
    process.env.grpc_proxy = honest;
    this.#honest = await openEchoCaller(host, { proxy: true, proxyUrl: honest });
  }

  honest(): Promise<void> {
    assert.ok(this.#honest);
    return this.#honest.call();
  }

  look(): Promise<Look> {
    return this.victim.look();
  }

  async stop(): Promise<void> {
    this.#honest?.close();
    await this.victim.stop();
    await this.#service?.stop();
  }
}

const bounds = {
  authority: host,
  paths: echoPaths,
  // A sidecar's connection carries many callers' calls, and so takes more than one caller's would.
  enough: everything
    ? { control: 400_000, resets: 300_000, streams: 300_000 }
    : { control: 150_000, resets: 20_000, streams: 20_000 },
  bears: { burst: SIDECAR_LIMITS.resetBurst ?? 0, rate: SIDECAR_LIMITS.resetRate ?? 0 },
  patienceMs: 30_000,
  // The service behind ends its calls; what waits for a caller that does not read is bounded by its window.
  sendPatienceMs: undefined,
  streamsAtOnce: 1_000,
  calm: calmOfOurs,
};

/** Opens a CONNECT tunnel with the attacker's token. */
async function tunnel({ attacker }: MeshAddress): Promise<net.Socket> {
  const { port, username, password } = new URL(attacker);
  const socket = net.connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  const token = Buffer.from(`${decodeURIComponent(username)}:${password}`).toString('base64');
  socket.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: Basic ${token}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  const end = answer.indexOf('\r\n\r\n') + 4;
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 /);
  // The sidecar's first frames may have come with it.
  if (end < answer.length) socket.unshift(answer.subarray(end));
  return socket;
}

/** Opens a connection to the sidecar of the called workload, with the attacker's certificate. */
async function mutual({ inbound, identity }: MeshAddress): Promise<TLSSocket> {
  const { cert, key, ca } = identity;
  // The test is no sidecar: whom it reaches is not its question.
  const anyone = { checkServerIdentity: () => undefined, ALPNProtocols: ['h2'] };
  const socket = connectTls({ port: inbound, host: '127.0.0.1', cert, key, ca: [...ca], ...anyone });
  await once(socket, 'secureConnect');
  return socket;
}

function assaults(target: Target, which = attacks): Assault[] {
  return which
    .filter(({ name }) => everything || brief.has(name))
    .map(({ name, many, run }) => ({ name, run: () => run(target), memoryMiB: many ? 768 : 256, heldMiB: 16 }));
}

/** Connections that say this, and have to be closed without a word. */
function closed(name: string, octets: Buffer, options: { readonly count?: number; readonly slow?: boolean } = {}) {
  const { count = 1, slow = false } = options;
  return {
    name,
    slow,
    async run(port: number) {
      const peers = Array.from({ length: count }, () => new RawHttp(port));
      for (const peer of peers) await peer.send(octets);
      for (const peer of peers) assert.ok(await peer.until(() => peer.closed, 15_000), 'the connection is still open');
      // TLS may say by an alert what it did not like; nothing of HTTP is said.
      assert.ok(
        peers.every((peer) => peer.text.length < 10),
        'it was answered',
      );
      return { close: () => peers.map((peer) => peer.close()) };
    },
  };
}

const failAfter = (ms: number): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error('a connection is still open')), ms).unref();
  });

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const helloBegins = Buffer.from('16030100c8010000c40303', 'hex');
const strangers = [
  closed('plaintext where STRICT wants mTLS', preface),
  closed('octets that are no TLS', Buffer.concat([helloBegins.subarray(0, 5), Buffer.alloc(200, 0xff)])),
  closed('500 handshakes that stop in the middle', helloBegins, { count: 500, slow: true }),
  closed('500 connections that say nothing', Buffer.alloc(0), { count: 500, slow: true }),
  {
    name: 'two hundred handshakes without a certificate',
    slow: false,
    async run(port: number) {
      let admitted = 0;
      const sockets = Array.from({ length: 200 }, () =>
        connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
      );
      const ended = sockets.map(async (socket) => {
        socket.on('data', () => admitted++);
        socket.on('error', () => {});
        // In TLS 1.3 a client is done before the server has seen its certificate.
        socket.on('secureConnect', () => socket.write(preface));
        const open = new Promise<void>((resolve) => socket.on('close', resolve));
        await Promise.race([open, failAfter(15_000)]);
      });
      await Promise.all(ended);
      assert.equal(admitted, 0, `${admitted} were answered`);
      return undefined;
    },
  },
];

/** Requests to the tunnel's listener from someone without a token, and the status that refuses them. */
const tunnelRequests = [
  ['a tunnel without a token', `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 407],
  [
    'a tunnel with a wrong token',
    `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: Basic Y2F0YWxvZy12MTp4\r\n\r\n`,
    407,
  ],
  ['a request that is no tunnel', `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 405],
  ['a head of 64 KiB', `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 400],
  ['length and chunks', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ['HTTP/2 without a tunnel', preface.toString('latin1'), 400],
] as const;

const sieges: readonly { readonly name: string; readonly assaults: (besieged: Besieged) => Assault[] }[] = [
  {
    name: 'through a tunnel',
    assaults: ({ victim }) =>
      assaults({ ...bounds, refusesCalls: true, open: async () => tunnel(await victim.start()) }),
  },
  {
    name: 'with a certificate, on the sidecar of the called workload',
    // The bound on calls at once is the calling sidecar's, as in Istio. A stolen certificate that is used beside it can take all of
    // the service's streams for as long as it holds its connections: the mesh lives, honest callers wait.
    assaults: ({ victim }) =>
      assaults(
        { ...bounds, open: async () => mutual(await victim.start()) },
        attacks.filter(({ many }) => !many),
      ),
  },
  {
    name: 'without a certificate, on the same',
    assaults: ({ victim }) =>
      strangers
        .filter(({ slow }) => everything || !slow)
        .map(({ name, run }) => ({ name, run: async () => run((await victim.start()).inbound) })),
  },
  {
    name: 'without a token, on the listener of tunnels',
    assaults: ({ victim }) => [
      ...tunnelRequests.map(([name, octets, status]) => ({
        name,
        async run() {
          const peer = new RawHttp(Number(new URL((await victim.start()).attacker).port));
          await peer.send(octets);
          assert.ok(await peer.until(() => peer.closed), 'the connection is still open');
          assert.deepEqual(peer.statuses, [status]);
          return peer;
        },
      })),
      ...(everything
        ? [
            {
              name: 'slowloris: 500 heads that come octet by octet',
              run: async () =>
                drip(Number(new URL((await victim.start()).attacker).port), 500, 'CONNECT ', 'x', 15_000),
            },
          ]
        : []),
    ],
  },
];

const besieged = new Besieged();
siegeInParts(
  besieged,
  sieges.map(({ name, assaults: made }) => ({ name, assaults: made(besieged) })),
);
