// A process that was killed leaves its unix socket file behind, and the next one could not listen there.
// The file is removed only when nobody answers on it.
import { unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** Removes what a killed process left at `unix:/path`; other addresses are left alone. */
export async function removeStaleSocket(address: string): Promise<void> {
  if (!address.startsWith('unix:')) return;
  const path = address.slice('unix:'.length);
  const refused = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (refused) await unlink(path);
}
