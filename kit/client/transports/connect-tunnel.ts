// Opens a tunnel through an HTTP proxy by CONNECT (RFC 9110, 9.3.6): how the laptop mesh catches a service's calls.
// grpc-js does the same by itself from the same `grpc_proxy` variable; this is for the platform's own transport.
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Opens a socket to `target` through a proxy.
 *
 * @param proxyUrl `http://user:password@host:port`
 * @param target `host:port` as the proxy is to see it
 * @throws Error that says what the proxy answered
 */
export function connectTunnel(proxyUrl: string, target: string, signal: AbortSignal): Promise<Duplex> {
  const { hostname, port, username, password } = new URL(proxyUrl);
  const credential = decodeURIComponent(password === '' ? username : `${username}:${password}`);
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void =>
      reject(new Error(`no tunnel to ${target} through ${hostname}:${port || 80}: ${reason}`, { cause }));
    const asking = request({
      host: hostname,
      port: Number(port || 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(credential === '' ? {} : { 'proxy-authorization': basic(credential) }) },
      agent: false,
      signal,
    });
    asking.once('connect', (response, socket, head) => {
      if (response.statusCode === 200) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        fail(`the proxy answered ${response.statusCode}`);
      }
    });
    asking.once('response', (response) => {
      response.resume();
      fail(`the proxy answered ${response.statusCode}`);
    });
    asking.once('error', (error) => fail(error.message, error));
    asking.end();
  });
}

function basic(credential: string): string {
  return `Basic ${Buffer.from(credential).toString('base64')}`;
}
