// Opens a tunnel through an HTTP proxy by CONNECT (RFC 9110, 9.3.6): how the laptop mesh catches a service's calls.
// grpc-js does the same by itself from the same `grpc_proxy` variable; this is for the platform's own transport.
import { connect, type Socket } from 'node:net';

const maxHeadBytes = 8 * 1024;

/**
 * Opens a socket to `target` through a proxy.
 *
 * @param proxyUrl `http://user:password@host:port`
 * @param target `host:port` as the proxy is to see it
 */
export function connectTunnel(proxyUrl: string, target: string, signal: AbortSignal): Promise<Socket> {
  const { hostname, port, username, password } = new URL(proxyUrl);
  const credential = decodeURIComponent(password === '' ? username : `${username}:${password}`);
  const authorization =
    credential === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(credential).toString('base64')}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 80), noDelay: true, signal });
    let head = Buffer.alloc(0);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(new Error(`no tunnel to ${target} through ${hostname}:${port}: ${error.message}`, { cause: error }));
    };
    const onClose = (): void => fail(new Error('the proxy closed the connection'));
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > maxHeadBytes) fail(new Error('the answer of the proxy is too long'));
        return;
      }
      socket.off('data', onData).off('error', fail).off('close', onClose);
      const [, status = ''] = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, end)) ?? [];
      if (status !== '200') {
        fail(new Error(`the proxy answered ${status || 'no HTTP'}`));
        return;
      }
      socket.pause();
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      resolve(socket);
    };
    socket.on('data', onData).once('error', fail).once('close', onClose);
    socket.once('connect', () => {
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
    });
  });
}
