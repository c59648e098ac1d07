// The calling side: so many unary calls at once for so long, directly or through a sidecar's tunnel.
// argv: `transport|grpc-js TARGET CONCURRENCY SECONDS [PROXY_URL]`; answers over IPC.

import { once } from 'node:events';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { connect } from '#transport';
import { openTunnel } from '../../mesh/testing/open-tunnel.ts';

const [library, target = '', concurrency = '32', seconds = '5', proxy] = process.argv.slice(2);
const PATH = '/bench.v1.Echo/Unary';
const BODY = Buffer.alloc(100, 7);
const WARM_UP_CALLS = 30_000;
const MOST_WARM_UP_MS = 8000;

let serial = 0;

/** A trace and a request id of its own for every call, as calls have them: no table of header fields can know them. */
function nextIds(): { traceparent: string; requestId: string } {
  const id = (++serial).toString(16).padStart(12, '0');
  return {
    traceparent: `00-4bf92f3577b34da6a3ce${id}-00f0${id}-00`,
    requestId: `0190163d-8694-739b-aea5-${id}`,
  };
}

function transportCall(): (done: (ok: boolean) => void) => void {
  const client = connect(
    proxy === undefined ? { target } : { target: () => openTunnel(new URL(proxy), target), authority: target },
  );
  return (done) => {
    const { traceparent, requestId } = nextIds();
    const metadata = ['traceparent', traceparent, 'x-request-id', requestId];
    client.unary(PATH, BODY, { metadata, timeout: 5000 }, { onEnd: (call) => done(call.code === 0) });
  };
}

function grpcJsCall(): (done: (ok: boolean) => void) => void {
  if (proxy !== undefined) process.env.grpc_proxy = proxy;
  const client = new Client(target, credentials.createInsecure());
  const octets = (value: Buffer): Buffer => value;
  return (done) => {
    const { traceparent, requestId } = nextIds();
    const metadata = new Metadata();
    metadata.set('traceparent', traceparent);
    metadata.set('x-request-id', requestId);
    client.makeUnaryRequest(PATH, octets, octets, BODY, metadata, { deadline: Date.now() + 5000 }, (error) =>
      done(error === null),
    );
  };
}

const call = library === 'grpc-js' ? grpcJsCall() : transportCall();

function run(
  durationMs: number,
  atOnce: number,
  latencies: number[],
): Promise<{ calls: number; failed: number; elapsedMs: number }> {
  return new Promise((resolve) => {
    const start = performance.now();
    let calls = 0;
    let failed = 0;
    let open = atOnce;
    const next = (): void => {
      const begun = performance.now();
      if (begun - start >= durationMs) {
        if (--open === 0) resolve({ calls, failed, elapsedMs: performance.now() - start });
        return;
      }
      call((ok) => {
        calls++;
        if (!ok) failed++;
        if ((calls & 7) === 0) latencies.push(performance.now() - begun);
        next();
      });
    };
    for (let index = 0; index < atOnce; index++) next();
  });
}

// Until every process on the way has compiled what it runs: on a busy machine that is a matter of calls, not of time.
const warmingSince = performance.now();
for (let calls = 0, ms = 0; ms < 1500 || (calls < WARM_UP_CALLS && ms < MOST_WARM_UP_MS); ) {
  calls += (await run(500, Number(concurrency), [])).calls;
  ms = performance.now() - warmingSince;
}
process.send?.({ warm: true });
await once(process, 'message');
const latencies: number[] = [];
const before = process.cpuUsage();
const result = await run(Number(seconds) * 1000, Number(concurrency), latencies);
const cpu = process.cpuUsage(before);
latencies.sort((left, right) => left - right);
const at = (share: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
process.send?.({ ...result, p50: at(0.5), p99: at(0.99), cpu });
process.disconnect();
process.exit();
