// Asks the system for a TCP port of the loopback interface that nobody listens on.
import { createServer } from 'node:net';

/** `wanted` when it is free, otherwise another one. Somebody may take it before it is used: be ready to ask again. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  const listen = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port }, () => resolve(true));
    });
  if (!(await listen(wanted)) && !(await listen(0))) throw new Error('no loopback port is free');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
