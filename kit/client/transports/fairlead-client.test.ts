import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createServer, headerValue, type Server } from '#transport';
import { openFairleadChannel } from './fairlead-client.ts';

const message = Buffer.alloc(100_000);

describe('compression on a channel of the platform', { timeout: 20_000 }, () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
  });

  /** Makes streams of one large request, one after the other; returns the encodings that the server was told. */
  async function encodings(inflates: boolean, times: number): Promise<(string | undefined)[]> {
    const told: (string | undefined)[] = [];
    const server = createServer();
    servers.push(server);
    server.raw((stream, headers) => {
      told.push(headerValue(headers, 'grpc-encoding'));
      const accepts = inflates ? ['grpc-accept-encoding', 'identity,deflate,gzip'] : [];
      stream.handler = {
        onHeaders() {},
        onData(self, _bytes, start, end, last) {
          self.consume(end - start);
          if (last) answer();
        },
        onTrailers: () => answer(),
        onReset() {},
        onDrain() {},
        onStalled() {},
      };
      const answer = (): void => {
        stream.sendHeaders([':status', '200', 'content-type', 'application/grpc', ...accepts], false);
        stream.sendHeaders(['grpc-status', '0'], true);
      };
      return true;
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const channel = openFairleadChannel(`127.0.0.1:${port}`, { userAgent: 'test', proxy: false });
    for (let index = 0; index < times; index++) {
      const code = await new Promise<number>((resolve) => {
        const call = channel.call('/test.Service/Stream', Number.POSITIVE_INFINITY, channel.headers(), {
          message() {},
          status: (status) => resolve(status.code),
        });
        call.pull();
        call.send(message, true, () => {});
        call.halfClose();
      });
      assert.equal(code, 0);
    }
    channel.close();
    return told;
  }

  it('is declared once a response has said that the server inflates', async () => {
    const [first, second] = await encodings(true, 2);
    assert.notEqual(first, 'gzip');
    assert.equal(second, 'gzip');
  });

  it('is never declared to a server that does not say so', async () => {
    assert.ok((await encodings(false, 3)).every((encoding) => encoding !== 'gzip'));
  });
});
