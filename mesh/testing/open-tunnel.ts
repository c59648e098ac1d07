// Opens a CONNECT tunnel through a sidecar, as a service's gRPC library does.

import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/** @param url - what a service finds in `grpc_proxy`. @param target - `host:port`, the logical name. */
export async function openTunnel(url: URL, target: string): Promise<Duplex> {
  const token = Buffer.from(`${decodeURIComponent(url.username)}:${url.password}`).toString('base64');
  const headers = { host: target, 'proxy-authorization': `Basic ${token}` };
  const opening = request({ host: url.hostname, port: url.port, method: 'CONNECT', path: target, headers }).end();
  const [answer, socket, head] = (await once(opening, 'connect')) as [{ readonly statusCode: number }, Duplex, Buffer];
  if (answer.statusCode !== 200) throw new Error(`the tunnel to ${target} was answered with ${answer.statusCode}`);
  if (head.length > 0) socket.unshift(head);
  return socket;
}
