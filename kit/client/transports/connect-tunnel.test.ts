// Calls through an HTTP proxy that answers for a logical name, as the laptop mesh does.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CallScope } from '../../calls/call-scope.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { type Echo, echoContract, type Loose, startEcho } from '../../server/fixtures/echo-server.ts';
import { clientClass } from '../client-class.ts';
import { openFairleadChannel } from './fairlead-client.ts';

const target = 'payment.fairlead.svc.cluster.local:50051';

describe('tunnels', () => {
  let echo: Echo;
  let proxy: Server;
  let port = 0;
  let status = '200 OK';
  const asked: IncomingMessage[] = [];

  before(async () => {
    echo = await startEcho({ handlers: { say: async (request: Loose) => ({ echo: request }) }, transport: 'fairlead' });
    proxy = createServer().on('connect', (request, socket) => {
      asked.push(request);
      socket.write(`HTTP/1.1 ${status}\r\n\r\n`);
      if (!status.startsWith('200')) {
        socket.end();
        return;
      }
      const upstream = connect(Number(echo.address.split(':')[1]), '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on('error', () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    port = (proxy.address() as AddressInfo).port;
  });

  after(async () => {
    await echo.stop();
    proxy.close();
    proxy.closeAllConnections();
  });

  async function call(proxyUrl: string): Promise<Loose> {
    const channel = openFairleadChannel(target, { userAgent: 'test', proxyUrl });
    const Client = clientClass(echoContract, ['Say'], { channel, recorder: echo.telemetry.client, forward: () => {} });
    const client: Loose = new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined));
    try {
      return await client.say({ text: 'through' }, { timeout: '5s' });
    } finally {
      channel.close();
    }
  }

  it('carry calls for the logical name, with the credential of the proxy', async () => {
    assert.equal((await call(`http://order:s%20ecret@127.0.0.1:${port}`)).echo.text, 'through');
    const [request] = asked;
    assert.equal(request?.url, target);
    const credential = Buffer.from('order:s ecret').toString('base64');
    assert.equal(request?.headers['proxy-authorization'], `Basic ${credential}`);
  });

  it('say why there is none', async () => {
    status = '403 Forbidden';
    await assert.rejects(call(`http://127.0.0.1:${port}`), (error) => {
      assert.ok(RpcError.is(error));
      assert.equal(error.code, 'UNAVAILABLE');
      assert.match(error.message, /the proxy answered 403/);
      return true;
    });
  });
});
