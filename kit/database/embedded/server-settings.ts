// Settings of the embedded server: memory and processes are few, because a whole platform shares the laptop.
// Nothing here weakens durability; only test servers give up `fsync`, because nothing of theirs outlives the run.

const small = {
  shared_buffers: '32MB',
  max_connections: '200',
  wal_buffers: '1MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  checkpoint_timeout: '15min',
  // One process a connection and as few as possible beside them: no parallel, replication or I/O workers.
  io_method: 'sync',
  max_worker_processes: '0',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  max_wal_senders: '0',
  wal_level: 'minimal',
  autovacuum_worker_slots: '2',
  autovacuum_max_workers: '1',
  huge_pages: 'off',
  jit: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  log_min_messages: 'warning',
  timezone: 'UTC',
  log_timezone: 'UTC',
} as const;

const forgetful = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } as const;

/** Command line words that set them. */
export function serverSettings(port: number, durable: boolean): string[] {
  const settings = { ...small, port: String(port), ...(durable ? {} : forgetful) };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
