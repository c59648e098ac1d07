// Talks to a running mesh over its control socket.

import { request } from 'node:http';
import { join } from 'node:path';
import { CONTROL_SOCKET } from '../control/control-server.ts';
import type { MeshStatus } from '../control/status.ts';
import { textOption, type Words } from './command.ts';

export const STATE_OPTION = { state: { type: 'string' } } as const;
export const STATE_HELP = '  --state DIR   the state folder of the running mesh (default: data/mesh)';

export function stateDir(options: Words): string {
  return textOption(options, 'state') ?? join('data', 'mesh');
}

/** Throws with the mesh's own words when it refuses, and says how to start one when there is none. */
export async function ask(options: Words, what: string, body?: object): Promise<MeshStatus> {
  const [method, path] = what.split(' ');
  const socketPath = join(stateDir(options), CONTROL_SOCKET);
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const call = request({ socketPath, method, path, headers: { 'content-type': 'application/json' } }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }));
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(
        missing
          ? new Error(
              `No mesh runs with the state folder ${stateDir(options)}. Start the platform with "npm start", or name its folder with --state.`,
            )
          : error,
      );
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
  const parsed = JSON.parse(text) as MeshStatus & { readonly error?: string };
  if (status !== 200) throw new Error(parsed.error ?? `the mesh answered ${status}`);
  return parsed;
}
