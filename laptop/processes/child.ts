// First lines of every service's process on a laptop: it ends in order when its launcher is gone, however that ended.
// In a pod nothing of this is there; `kit/run/main.ts` is the entry in both places.
import { flushCompileCache } from 'node:module';

/** Draining takes 20 s at most; whoever is there after that hangs. */
const hardStopMs = 25_000;

process.on('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), hardStopMs).unref();
});
// The launcher reads the logs; without it they go nowhere, which is no reason to fail while draining.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

await import('../../kit/run/main.ts');

// Left to the end of the process, a first start's compiled code would be written by a dozen processes at once: stopping would
// take longer than starting did.
setTimeout(flushCompileCache, 2_000 + Math.random() * 6_000).unref();
