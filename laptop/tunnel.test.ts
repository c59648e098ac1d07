// The tunnel lets declared calls through to the service's socket, and nobody and nothing else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openTunnel, type Tunnel, type Workload } from './tunnel.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-tunnel-'));
const payment: Workload = { service: 'payment', version: 'v1', socket: join(folder, 'payment.sock'), calls: [] };
const late: Workload = { service: 'late', version: 'v1', socket: join(folder, 'late.sock'), calls: [] };
const order: Workload = { service: 'order', version: 'v1', socket: undefined, calls: ['payment', 'late', 'absent'] };

describe('the tunnel', () => {
  let tunnel: Tunnel;
  let server: Server;
  const servers: Server[] = [];
  before(async () => {
    tunnel = await openTunnel({ namespace: 'fairlead', domain: 'cluster.local', workloads: [payment, late, order] });
    server = await echo(payment.socket ?? '');
  });
  after(async () => {
    await tunnel.close();
    for (const one of servers) one.close();
    rmSync(folder, { recursive: true });
  });

  async function echo(path: string): Promise<Server> {
    const made = createServer((socket) => void socket.pipe(socket)).listen(path);
    servers.push(made);
    await once(made, 'listening');
    return made;
  }

  /** Opens a tunnel and says something through it; gives all that came back. */
  async function through(proxy: string, authority: string): Promise<string> {
    const { port, username, password } = new URL(proxy);
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${password}`).toString('base64');
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\nproxy-authorization: Basic ${credentials}\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket) {
      text += chunk;
      if (text.endsWith('\r\n\r\n') && text.startsWith('HTTP/1.1 200')) socket.write('hello');
      if (text.endsWith('hello')) break;
    }
    return text;
  }

  const name = (service: string): string => `${service}.fairlead.svc.cluster.local:50051`;

  it('carries bytes to the service that the logical name means', async () => {
    assert.equal(await through(tunnel.proxyFor(order), name('payment')), 'HTTP/1.1 200 OK\r\n\r\nhello');
    assert.ok(server.listening);
  });

  it('refuses a caller whose token is not its own', async () => {
    const proxy = new URL(tunnel.proxyFor(order));
    proxy.password = new URL(tunnel.proxyFor(payment)).password;
    assert.match(await through(proxy.href, name('payment')), /^HTTP\/1\.1 407 /);
    assert.match(await through(`http://nobody:x@127.0.0.1:${proxy.port}`, name('payment')), /^HTTP\/1\.1 407 /);
  });

  it('refuses what the caller does not declare, and hosts of the outside', async () => {
    assert.match(await through(tunnel.proxyFor(payment), name('order')), /^HTTP\/1\.1 403 .*payment does not declare/s);
    assert.match(await through(tunnel.proxyFor(order), 'example.com:443'), /^HTTP\/1\.1 403 /);
    assert.match(await through(tunnel.proxyFor(order), `payment.fairlead.svc.cluster.local:9090`), /^HTTP\/1\.1 403 /);
    assert.match(await through(tunnel.proxyFor(order), name('absent')), /^HTTP\/1\.1 502 /);
  });

  it('waits for a service that is starting', async () => {
    const answer = through(tunnel.proxyFor(order), name('late'));
    await echo(late.socket ?? '');
    assert.equal(await answer, 'HTTP/1.1 200 OK\r\n\r\nhello');
  });
});
