// Entry of a service's process: `node kit/run/main.ts <service>`. The environment says everything else.
// Compiled code is cached between starts where the disk allows it, so the rest is imported after that is switched on.
import { enableCompileCache } from 'node:module';

enableCompileCache();

const { runProcess } = await import('./run-process.ts');
await runProcess(process.argv[2]);
