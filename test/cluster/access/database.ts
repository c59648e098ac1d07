// Takes a service's database away and gives it back, on the platform's development PostgreSQL: it accepts no connections, and those
// that there are end. The server itself goes on, so that nothing is lost and no pod is restarted.
import type { Cluster } from './cluster.ts';

function psql(cluster: Cluster, statement: string): Promise<string> {
  const command = ['psql', '--username', 'postgres', '--dbname', 'postgres', '--quiet', '--command', statement];
  return cluster.kubectl(['exec', 'postgres-0', '--container', 'postgres', '--', ...command]);
}

/** Runs `work` while the databases of these services take no connections. */
export async function withoutDatabase(
  cluster: Cluster,
  services: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    for (const service of services) {
      await psql(cluster, `ALTER DATABASE "${service}" ALLOW_CONNECTIONS false`);
      await psql(cluster, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${service}'`);
    }
    await work();
  } finally {
    for (const service of services) await psql(cluster, `ALTER DATABASE "${service}" ALLOW_CONNECTIONS true`);
  }
}
