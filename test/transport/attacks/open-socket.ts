// A connection of an attacker to a port of this machine.
import { once } from 'node:events';
import net from 'node:net';

/** Resolves when it stands. */
export async function openSocket(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}
