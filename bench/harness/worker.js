// One process of a contender: `worker.js serve MODULE` or `worker.js drive MODULE PORT SHAPE CONCURRENCY`.
// Speaks lines of JSON with the runner over IPC: `{ round: ms }` is answered with calls, CPU and latencies of that round.
import { createHistogram } from 'node:perf_hooks';

const [role, module, port, shape, concurrency] = process.argv.slice(2);
const contender = await import(module);
let cpu = process.cpuUsage();

/** CPU time since the last question, in microseconds. */
function cpuSince() {
  const used = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  return used.user + used.system;
}

async function round(call, milliseconds) {
  const latency = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
  let calls = 0;
  let failures = 0;
  const started = performance.now();
  const end = started + milliseconds;
  const lane = async () => {
    while (performance.now() < end) {
      const begun = performance.now();
      try {
        await call();
        calls++;
        latency.record(Math.max(1, Math.round((performance.now() - begun) * 1000)));
      } catch (error) {
        if (failures++ === 0) process.stderr.write(`${module}: ${error.stack}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, lane));
  const seconds = (performance.now() - started) / 1000;
  return { calls, failures, seconds, p50: latency.percentile(50), p99: latency.percentile(99), cpu: cpuSince() };
}

if (role === 'serve') {
  const listening = await contender.serve();
  process.on('message', (message) => {
    if (message.cpu) process.send({ cpu: cpuSince(), rss: process.memoryUsage().rss });
  });
  process.send({ port: listening });
} else {
  const calls = await contender.connect(Number(port));
  await calls[shape]();
  process.on('message', async (message) => {
    cpuSince();
    process.send(await round(calls[shape], message.round));
  });
  process.send({ ready: true });
}
process.on('disconnect', () => process.exit(0));
