// What a process of the bench says of itself when asked over IPC, until its parent goes.

export function reportUsage(): void {
  process.on('message', (asked) => {
    // Run with --expose-gc. Twice: what the first collection finalizes the second one frees.
    if (asked === 'collect') {
      globalThis.gc?.();
      globalThis.gc?.();
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ cpu: process.cpuUsage(), rss, heap: heapUsed, buffers: external });
  });
  process.on('disconnect', () => process.exit());
}
