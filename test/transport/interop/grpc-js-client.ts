// The fourteen cases on grpc-js's client, as a program: grpc-js-client.ts PORT CASE. Exits 0 when the case passed.
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type StatusObject,
} from '@grpc/grpc-js';
import { type Caller, cases, type Reply } from './cases.ts';
import { methodAt, TestService } from './service.ts';

const [port = '', name = ''] = process.argv.slice(2);
const Client = makeGenericClientConstructor(TestService, 'TestService');
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());

const listOf = (metadata: Metadata | undefined): string[] =>
  Object.entries(metadata?.toJSON() ?? {}).flatMap(([key, values]) =>
    values.flatMap((value) => [key, Buffer.isBuffer(value) ? value.toString('base64') : value]),
  );

const call: Caller = (path, next, { timeoutMs, metadata: fields = [] } = {}) => {
  const { requestStream, responseStream, requestSerialize, responseDeserialize } = methodAt(path);
  const metadata = new Metadata();
  for (let at = 0; at < fields.length; at += 2) {
    const [key = '', value = ''] = fields.slice(at, at + 2);
    metadata.add(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  }
  const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  const read = (octets: Buffer): Reply => responseDeserialize(octets) as Reply;
  const replies: Reply[] = [];
  const done = (_error: unknown, reply?: Reply): void => {
    if (reply !== undefined) replies.push(reply);
  };
  return new Promise((resolve) => {
    let headers: Metadata | undefined;
    const watch = (started: ClientUnaryCall | ClientReadableStream<Reply>): void => {
      started.on('metadata', (got: Metadata) => {
        headers = got;
      });
      // A unary call's callback comes after its status.
      started.on('status', ({ code, details, metadata: trailers }: StatusObject) =>
        setImmediate(() =>
          resolve({ code, message: details, replies, headers: listOf(headers), trailers: listOf(trailers) }),
        ),
      );
    };
    const request = (cancel: () => void) => next({ replies, cancel });
    const step = (started: ClientWritableStream<object> | ClientDuplexStream<object, Reply>): boolean => {
      const value = request(() => started.cancel());
      if (value === undefined) started.end();
      else started.write(value);
      return value !== undefined;
    };
    const both = [requestSerialize, read] as const;
    if (requestStream && responseStream) {
      const started = client.makeBidiStreamRequest(path, ...both, metadata, options);
      watch(started);
      started.on('error', () => {});
      started.on('data', (reply: Reply) => {
        replies.push(reply);
        step(started);
      });
      step(started);
    } else if (requestStream) {
      const started = client.makeClientStreamRequest(path, ...both, metadata, options, done);
      watch(started as unknown as ClientUnaryCall);
      while (step(started));
    } else if (responseStream) {
      const started = client.makeServerStreamRequest(path, ...both, request(() => {}) ?? {}, metadata, options);
      watch(started);
      started.on('error', () => {});
      started.on('data', (reply: Reply) => replies.push(reply));
    } else watch(client.makeUnaryRequest(path, ...both, request(() => {}) ?? {}, metadata, options, done));
  });
};

await cases[name]?.(call);
process.exit(cases[name] === undefined ? 2 : 0);
