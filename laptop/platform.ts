// The whole platform on one machine: PostgreSQL first, then the mesh, then all services, a few at a time.
// Starting more processes than there are cores makes all of them late, so the others wait for their turn.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#kit/database/embedded/embedded-postgres.ts';
import { Turns } from '#kit/events/turns.ts';
import type { DataFolder } from './data/data-folder.ts';
import { prepareDatabases } from './data/databases.ts';
import { type EnvironmentOptions, environmentOf, socketOf } from './environment.ts';
import type { Instance } from './find-services.ts';
import { type LaptopMesh, openMesh } from './mesh.ts';
import { listeningPort } from './processes/listening-port.ts';
import { ServiceProcess } from './processes/service-process.ts';

/** Options of {@link startPlatform}. */
export interface PlatformOptions {
  readonly data: DataFolder;
  readonly instances: readonly Instance[];
  /** Port of the ingress gateway. */
  readonly port: number;
  /** Aborted to give up while starting. */
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly onLine: (instance: Instance, line: string) => void;
  readonly onNews: (who: string, news: string) => void;
}

/** One process of the platform, for the table. */
export interface PlatformProcess {
  readonly process: ServiceProcess;
  readonly adminPort: number;
  readonly address: string;
}

/** A running platform. */
export interface Platform {
  readonly postgres: EmbeddedPostgres;
  readonly processes: readonly PlatformProcess[];
  /** Drains the edge, then the services, then the database. */
  stop(): Promise<void>;
}

const eventLog = 'events';

/** Starts everything; resolves when every process is ready or has failed for the first time, or when `signal` is aborted. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { data, instances, onProgress, onNews } = options;
  const ending: (() => Promise<void>)[] = [];
  let stopping = false;
  async function stop(): Promise<void> {
    stopping = true;
    for (const end of ending.reverse()) await end();
    ending.length = 0;
  }
  try {
    const database = await keepPostgres(
      data,
      (news) => onNews('postgres', news),
      () => stopping,
    );
    ending.push(async () => {
      onProgress('stopping PostgreSQL');
      await database.current().stop();
    });
    onProgress(`PostgreSQL on 127.0.0.1:${database.current().port}, data in ${data.postgres}`);
    const names = [...new Set(instances.filter(({ manifest }) => manifest.database).map(({ service }) => service))];
    const databases = await prepareDatabases({
      server: database.current().url(),
      names: [...names, eventLog],
      password: (name) => data.secret(`database ${name}`),
    });

    const adminPorts = new Map<Instance, number>();
    for (const instance of instances) adminPorts.set(instance, await listeningPort(new Set(adminPorts.values())));
    const user = instances.find(({ service }) => service === 'user');
    // Nobody listens on port 9: without the user service, tokens cannot be verified, and say so.
    const keysAt = `127.0.0.1:${(user && adminPorts.get(user)) ?? 9}`;
    const mesh = await openMesh({
      instances,
      socketOf: (instance) => socketOf(data, instance),
      stateDir: data.mesh,
      port: options.port,
      keysAt,
      onNews: (news) => onNews('mesh', news),
    });
    ending.push(() => mesh.close());
    const processes = makeProcesses(options, { databases, mesh, adminPorts, keysAt });
    ending.push(async () => {
      const slow = setInterval(() => {
        const left = processes.filter(({ process: { state } }) => state !== 'stopped');
        onProgress(`still draining: ${left.map(({ process: { instance } }) => instance.name).join(', ')}`);
      }, 5_000);
      mesh.drainIngress();
      await stopAll(processes);
      clearInterval(slow);
    });
    const giveUp = (): void => {
      stopping = true;
      mesh.drainIngress();
      void stopAll(processes);
    };
    options.signal.addEventListener('abort', giveUp, { once: true });

    const turns = new Turns(availableParallelism() + 1);
    let ready = 0;
    await Promise.all(
      processes.map(({ process: service }) =>
        turns.take(async () => {
          if (stopping || options.signal.aborted) return;
          await service.start();
          if (service.state === 'ready') onProgress(`${++ready}/${processes.length} ${service.instance.name}`);
        }),
      ),
    );
    options.signal.removeEventListener('abort', giveUp);
    return { postgres: database.current(), processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Restarts PostgreSQL on its port when it ends unasked: services wait for it and go on. */
async function keepPostgres(
  data: DataFolder,
  news: (text: string) => void,
  stopping: () => boolean,
): Promise<{ current(): EmbeddedPostgres }> {
  let server = await startEmbeddedPostgres({ folder: data.postgres });
  const watch = (watched: EmbeddedPostgres): void => {
    void watched.ended.then(async () => {
      if (stopping()) return;
      news(`ended; started again; log: ${watched.logFile}`);
      try {
        server = await startEmbeddedPostgres({ folder: data.postgres, port: watched.port });
        watch(server);
      } catch (error) {
        news(error instanceof Error ? error.message : String(error));
      }
    });
  };
  watch(server);
  return { current: () => server };
}

interface Wiring {
  readonly databases: ReadonlyMap<string, string>;
  readonly mesh: LaptopMesh;
  readonly adminPorts: ReadonlyMap<Instance, number>;
  /** `host:port` where the user service's keys are read. */
  readonly keysAt: string;
}

function makeProcesses(options: PlatformOptions, { databases, mesh, adminPorts, keysAt }: Wiring): PlatformProcess[] {
  const { data, instances, port, onLine, onNews } = options;
  const environment: EnvironmentOptions = {
    data,
    databases,
    eventLogUrl: databases.get(eventLog) ?? '',
    jwksUri: `http://${keysAt}/.well-known/jwks.json`,
    proxyFor: (instance) => mesh.proxyFor(instance),
  };
  return instances.map((instance) => {
    const adminPort = adminPorts.get(instance) ?? 0;
    const process = new ServiceProcess({
      instance,
      env: async () => environmentOf(instance, adminPort, environment),
      adminPort: () => adminPort,
      logFile: join(data.logs, `${instance.name}.log`),
      onLine,
      onNews: ({ name }, news) => onNews(name, news),
      onReady: (ready) => mesh.setReady(instance, ready),
    });
    const edge = instance.manifest.httpPort !== undefined;
    // An edge's own socket is its sidecar's alone: what people use is the ingress gateway in front of it.
    return { process, adminPort, address: edge ? `http://127.0.0.1:${port}` : `unix:${socketOf(data, instance)}` };
  });
}

/** The edge first, so that nothing new comes in while the others finish. */
async function stopAll(processes: readonly PlatformProcess[]): Promise<void> {
  const isEdge = ({ process: { instance } }: PlatformProcess): boolean => instance.manifest.httpPort !== undefined;
  await Promise.all(processes.filter(isEdge).map(({ process }) => process.stop()));
  await Promise.all(processes.filter((one) => !isEdge(one)).map(({ process }) => process.stop()));
}
