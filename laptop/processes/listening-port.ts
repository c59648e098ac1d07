// A free loopback port for a process that listens only later. Ports that the system hands out by itself are no good for that:
// until the process listens, any outgoing connection of the machine may be given the same one.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what Linux (32768) and macOS (49152) give to outgoing connections, above what is usually configured. */
const lowest = 20_000;
const highest = 32_000;

/** @throws Error when a thousand random ports are all taken */
export async function listeningPort(taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (taken.has(port)) continue;
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    server.close();
    if (free) return port;
  }
  throw new Error(`no port between ${lowest} and ${highest} is free on 127.0.0.1`);
}
