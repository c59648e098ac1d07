// What a process of the bench says of itself when asked over IPC, until its parent goes.

import { getHeapSpaceStatistics } from 'node:v8';

export function reportUsage(): void {
  process.on('message', (asked) => {
    // Run with --expose-gc. Twice: what the first collection finalizes the second one frees.
    if (asked === 'collect') {
      globalThis.gc?.();
      globalThis.gc?.();
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    const young = getHeapSpaceStatistics()
      .filter((each) => each.space_name.startsWith('new_'))
      .reduce((sum, each) => sum + each.physical_space_size, 0);
    process.send?.({ cpu: process.cpuUsage(), rss, heap: heapUsed, buffers: external, young });
  });
  process.on('disconnect', () => process.exit());
}
