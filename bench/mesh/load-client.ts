// The calling side: so many unary calls at once for so long, directly or through a sidecar's tunnel.
// argv: `transport|grpc-js|node:http TARGET CONCURRENCY SECONDS [PROXY_URL]`; answers over IPC.

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { connect } from '#transport';
import { openTunnel } from '../../mesh/testing/open-tunnel.ts';
import { BODY, type Call, nextIds, PATH, run, warmUp } from './load.ts';

const [library, target = '', concurrency = '32', seconds = '5', proxy] = process.argv.slice(2);
function transportCall(): Call {
  const client = connect(
    proxy === undefined ? { target } : { target: () => openTunnel(new URL(proxy), target), authority: target },
  );
  return (done) => {
    const { traceparent, requestId } = nextIds();
    const metadata = ['traceparent', traceparent, 'x-request-id', requestId];
    client.unary(PATH, BODY, { metadata, timeout: 5000 }, { onEnd: (call) => done(call.code === 0) });
  };
}

function grpcJsCall(): Call {
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

/** A POST on one of as many connections as there are calls at once. */
function httpCall(): Call {
  const agent = new Agent({ keepAlive: true });
  const [host, port] = target.split(':');
  return (done) => {
    const { traceparent, requestId } = nextIds();
    const headers = ['host', target, 'content-type', 'application/octet-stream', 'content-length', `${BODY.length}`];
    const asked = request(
      {
        ...{ host, port, agent, method: 'POST', path: PATH, setHost: false },
        headers: [...headers, 'traceparent', traceparent, 'x-request-id', requestId],
      },
      (answer) => {
        let octets = 0;
        answer.on('data', (part: Buffer) => {
          octets += part.length;
        });
        answer.on('end', () => done(answer.statusCode === 200 && octets === BODY.length));
      },
    );
    asked.on('error', () => done(false));
    asked.end(BODY);
  };
}

const calls = { transport: transportCall, 'grpc-js': grpcJsCall, 'node:http': httpCall };
const call = calls[library as keyof typeof calls]();

await warmUp(call, Number(concurrency));
process.send?.({ warm: true });
await once(process, 'message');
const before = process.cpuUsage();
const result = await run(call, Number(seconds) * 1000, Number(concurrency));
const cpu = process.cpuUsage(before);
process.send?.({ ...result, cpu });
process.disconnect();
process.exit();
