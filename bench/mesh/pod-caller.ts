// Calls from inside of a pod: `node pod-caller.ts TARGET CONCURRENCY SECONDS`; prints what they took as one line of JSON.
// In the pod it lies beside load.ts, below /app, where the image has the transport.
import { connect } from '#transport';
import { BODY, nextIds, PATH, run, warmUp } from './load.ts';

const [target = '', concurrency = '32', seconds = '3'] = process.argv.slice(2);
const client = connect({ target });

function call(done: (ok: boolean) => void): void {
  const { traceparent, requestId } = nextIds();
  const metadata = ['traceparent', traceparent, 'x-request-id', requestId];
  client.unary(PATH, BODY, { metadata, timeout: 5000 }, { onEnd: ({ code }) => done(code === 0) });
}

await warmUp(call, Number(concurrency));
const before = process.cpuUsage();
const load = await run(call, Number(seconds) * 1000, Number(concurrency));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ ...load, cpuUs: (user + system) / load.calls }));
process.exit();
