// The processes of a run: mesh, called side, calling side, each fresh and each asked for its own figures.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Load as Calls } from './load.ts';

export interface Contender {
  readonly name: string;
  /** `node:http` is HTTP/1.1, the others are gRPC. */
  readonly library: 'transport' | 'grpc-js' | 'node:http';
  /** `linked` is how the mesh runs; `wire` encrypts every octet between the two sidecars; `edge` is its ingress gateway. */
  readonly mesh: 'none' | 'linked' | 'wire' | 'edge';
}

export interface Usage {
  readonly cpu: NodeJS.CpuUsage;
  readonly rss: number;
  /** V8's heap in use, and what buffers hold outside it. */
  readonly heap: number;
  readonly buffers: number;
}

export interface Load extends Calls {
  readonly cpu: NodeJS.CpuUsage;
}

/** What the mesh says of itself: where the service has to listen, and how it is reached. */
export interface MeshReady {
  readonly listen: string;
  /** Of the caller's sidecar. */
  readonly proxyUrl?: string;
  /** Address of the ingress gateway. */
  readonly edge?: string;
}

const LOGICAL_NAME = 'payment.shop.svc.cluster.local:50051';

const message = async <T>(child: ChildProcess): Promise<T> => ((await once(child, 'message')) as [T])[0];

export class Processes {
  mesh: ChildProcess | undefined;
  readonly server: ChildProcess;
  readonly #client: ChildProcess;
  readonly #all: readonly ChildProcess[];
  readonly #folder: string;

  private constructor(
    folder: string,
    mesh: ChildProcess | undefined,
    server: ChildProcess,
    client: ChildProcess,
    all: readonly ChildProcess[],
  ) {
    this.#folder = folder;
    this.mesh = mesh;
    this.server = server;
    this.#client = client;
    this.#all = all;
  }

  /** Everything runs and has warmed up when this resolves. @param nodeOptions - for every process. */
  static async start(
    contender: Contender,
    concurrency: number,
    seconds: number,
    nodeOptions: readonly string[] = [],
  ): Promise<Processes> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    const all: ChildProcess[] = [];
    const run = (script: string, ...words: string[]): ChildProcess => {
      const child = fork(fileURLToPath(new URL(script, import.meta.url)), words, { execArgv: [...nodeOptions] });
      all.push(child);
      return child;
    };
    try {
      const mesh = contender.mesh === 'none' ? undefined : run('./mesh-process.ts', folder, contender.mesh);
      const ready = mesh === undefined ? undefined : await message<MeshReady>(mesh);
      const server = run('./echo-server.ts', contender.library, ready?.listen ?? '127.0.0.1:0');
      const { port } = await message<{ port: number }>(server);
      const target = ready === undefined ? `127.0.0.1:${port}` : (ready.edge ?? LOGICAL_NAME);
      const proxy = ready?.proxyUrl === undefined ? [] : [ready.proxyUrl];
      const client = run('./load-client.ts', contender.library, target, `${concurrency}`, `${seconds}`, ...proxy);
      await message(client);
      return new Processes(folder, mesh, server, client, all);
    } catch (error) {
      await end(all, folder);
      throw error;
    }
  }

  /** Runs the measured load to its end. */
  load(): Promise<Load> {
    this.#client.send('go');
    return message<Load>(this.#client);
  }

  /** @param collect - collects garbage first. */
  async usage(child: ChildProcess | undefined, collect = false): Promise<Usage | undefined> {
    if (child === undefined) return undefined;
    child.send(collect ? 'collect' : 'usage');
    return message<Usage>(child);
  }

  end(): Promise<void> {
    return end(this.#all, this.#folder);
  }
}

async function end(children: readonly ChildProcess[], folder: string): Promise<void> {
  for (const child of children) if (child.connected) child.disconnect();
  await rm(folder, { recursive: true, force: true });
}
