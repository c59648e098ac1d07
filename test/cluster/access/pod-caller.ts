// Makes gRPC calls from inside a pod, as the workload that it is: the sidecar sees the service's own identity.
// The program travels over standard input; the image's own grpc-js makes the calls, with bytes that were encoded here.
import type { Cluster } from './cluster.ts';

/** One call, or `count` equal ones. */
export interface PodCall {
  /** `host:port` as a service would dial it. */
  readonly target: string;
  /** `/package.Service/Rpc` */
  readonly path: string;
  /** Encoded request. */
  readonly request: Uint8Array;
  /** @default {} */
  readonly metadata?: Readonly<Record<string, string>>;
  /** @default 5 s */
  readonly timeoutMs?: number;
}

/** What a call came to. */
export interface PodReply {
  /** gRPC status code. */
  readonly code: number;
  readonly details: string;
  /** Encoded response; empty where the call failed. */
  readonly response: Uint8Array;
}

const program = `
import grpc from '@grpc/grpc-js';
const { calls, lanes } = JSON.parse(process.argv[2] ?? '') ;
const clients = new Map();
const clientOf = (target) => {
  if (!clients.has(target)) clients.set(target, new grpc.Client(target, grpc.credentials.createInsecure()));
  return clients.get(target);
};
const one = (call) => new Promise((resolve) => {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(call.metadata ?? {})) metadata.set(name, value);
  clientOf(call.target).makeUnaryRequest(call.path, (bytes) => bytes, (bytes) => bytes, Buffer.from(call.request, 'base64'), metadata,
    { deadline: Date.now() + (call.timeoutMs ?? 5000) },
    (error, response) => resolve({ code: error ? error.code : 0, details: error ? error.details : '', response: response ? response.toString('base64') : '' }));
});
const replies = new Array(calls.length);
let next = 0;
await Promise.all(Array.from({ length: lanes }, async () => {
  while (next < calls.length) { const index = next++; replies[index] = await one(calls[index]); }
}));
process.stdout.write(JSON.stringify(replies), () => process.exit(0));
`;

/**
 * Makes calls from a pod, `lanes` at a time, and gives the replies in the same order.
 *
 * @throws Error when the program cannot run there
 */
export async function callFromPod(
  cluster: Cluster,
  pod: string,
  container: string,
  calls: readonly PodCall[],
  lanes = 8,
): Promise<readonly PodReply[]> {
  const replies: PodReply[] = [];
  // Arguments of a process are limited to some 100 kB, so long lists go in parts.
  for (let from = 0; from < calls.length; from += 250) {
    const part = calls
      .slice(from, from + 250)
      .map((call) => ({ ...call, request: Buffer.from(call.request).toString('base64') }));
    const printed = await cluster.node(pod, container, program, [JSON.stringify({ calls: part, lanes })], 300_000);
    const parsed = JSON.parse(printed) as { code: number; details: string; response: string }[];
    replies.push(...parsed.map((reply) => ({ ...reply, response: Buffer.from(reply.response, 'base64') })));
  }
  return replies;
}
