// The order service as a process of its own, for tests that kill it: `node order-process.ts ENDPOINTS`, where ENDPOINTS is
// JSON of addresses by service. Says its address in one line when it serves.
import { writeSync } from 'node:fs';
import { startService } from '#kit';
import { processEnvironment } from '#kit/config/process-environment.ts';
import service from '../service.ts';

const endpoints = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const { address } = await startService(service, {
  env: processEnvironment(),
  endpoints,
  stdout: { write: () => true },
});
writeSync(1, `${address}\n`);
