// Handlers and libraries written for grpc-js, run on this transport and called by grpc-js's own client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  credentials,
  type Client as GrpcClient,
  Metadata,
  type MethodDefinition,
  makeGenericClientConstructor,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation, service as healthService, protoPath } from 'grpc-health-check';
import { createServer, type Server, Status } from '../index.ts';
import { addService, asGrpcServer } from './facade.ts';

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (octets: Buffer) => octets.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (octets: Buffer) => octets.toString(),
};
const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<string, string> => ({
  ...text,
  path: `/text.Text/${name}`,
  requestStream,
  responseStream,
});
const definition = {
  one: method('One', false, false),
  many: method('Many', false, true),
  join: method('Join', true, false),
  chat: method('Chat', true, true),
};

let server: Server;
let client: GrpcClient;
const health = new HealthImplementation({ '': 'SERVING' });
let address = '';

before(async () => {
  server = createServer();
  addService(server, definition, {
    one(call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) {
      if (call.request === 'fail') {
        done({ code: Status.ABORTED, details: 'as asked', metadata: new Metadata() });
        return;
      }
      const early = new Metadata();
      early.set('x-early', String(call.metadata.get('x-in')[0]));
      call.sendMetadata(early);
      const late = new Metadata();
      late.set('x-late-bin', Buffer.from([0, 1, 254]));
      done(null, `${call.request} ${call.getPath()} ${call.getDeadline() instanceof Date}`, late);
    },
    many(call: ServerWritableStream<string, string>) {
      for (let i = 0; i < 3; i++) call.write(`${call.request}${i}`);
      if (call.request === 'bad') call.emit('error', { code: Status.DATA_LOSS, details: 'lost' });
      else call.end();
    },
    join(call: ServerReadableStream<string, string>, done: sendUnaryData<string>) {
      let all = '';
      call.on('data', (part: string) => {
        all += part;
      });
      call.on('end', () => done(null, all));
    },
    chat(call: ServerDuplexStream<string, string>) {
      call.on('data', (part: string) => call.write(part.toUpperCase()));
      call.on('end', () => call.end());
    },
  });
  health.addToServer(asGrpcServer(server));
  new ReflectionService(loadSync(protoPath)).addToServer(asGrpcServer(server));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  address = `127.0.0.1:${port}`;
  client = new (makeGenericClientConstructor(definition, 'text'))(address, credentials.createInsecure());
});

after(() => {
  client.close();
  server.close();
});

const { one, many, join, chat } = definition;

test('a unary handler sees metadata, path and deadline, and sends both kinds of metadata', async () => {
  const metadata = new Metadata();
  metadata.set('x-in', 'seen');
  let early = '';
  let late: unknown;
  const reply = await new Promise<string | undefined>((resolve, reject) => {
    const call = client.makeUnaryRequest(
      one.path,
      one.requestSerialize,
      one.responseDeserialize,
      'hi',
      metadata,
      { deadline: Date.now() + 5_000 },
      (error, value) => (error ? reject(error) : setImmediate(resolve, value)),
    );
    call.on('metadata', (got) => {
      early = String(got.get('x-early')[0]);
    });
    call.on('status', (status) => {
      late = status.metadata.get('x-late-bin')[0];
    });
  });
  assert.equal(reply, 'hi /text.Text/One true');
  assert.equal(early, 'seen');
  assert.deepEqual(late, Buffer.from([0, 1, 254]));
});

test('an error of a unary handler is the status', async () => {
  const error = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest(one.path, one.requestSerialize, one.responseDeserialize, 'fail', resolve);
  });
  assert.equal(error?.code, Status.ABORTED);
  assert.equal(error?.details, 'as asked');
});

test('a server stream ends well or with its error', async () => {
  for (const [word, code] of [
    ['ok', 0],
    ['bad', Status.DATA_LOSS],
  ] as const) {
    const got: string[] = [];
    const stream = client.makeServerStreamRequest(many.path, many.requestSerialize, many.responseDeserialize, word);
    stream.on('data', (part: string) => got.push(part));
    stream.on('error', () => {});
    const status = await new Promise<{ code: number }>((resolve) => stream.on('status', resolve));
    assert.equal(status.code, code);
    assert.deepEqual(got, [`${word}0`, `${word}1`, `${word}2`]);
  }
});

test('client and bidirectional streams flow', async () => {
  const joined = await new Promise<string | undefined>((resolve, reject) => {
    const stream = client.makeClientStreamRequest(join.path, join.requestSerialize, join.responseDeserialize, (e, v) =>
      e ? reject(e) : resolve(v),
    );
    for (const part of ['a', 'b', 'c']) stream.write(part);
    stream.end();
  });
  assert.equal(joined, 'abc');
  const stream = client.makeBidiStreamRequest(chat.path, chat.requestSerialize, chat.responseDeserialize);
  const got: string[] = [];
  stream.on('data', (part: string) => {
    got.push(part);
    if (got.length < 3) stream.write('x');
    else stream.end();
  });
  stream.write('x');
  await new Promise((resolve) => stream.on('end', resolve));
  assert.deepEqual(got, ['X', 'X', 'X']);
});

test('grpc-health-check answers Check and Watch', async () => {
  const Health = makeGenericClientConstructor(healthService, 'Health');
  const stub = new Health(address, credentials.createInsecure());
  const check = healthService.Check as MethodDefinition<object, { status: string }>;
  const answer = await new Promise((resolve, reject) => {
    stub.makeUnaryRequest(check.path, check.requestSerialize, check.responseDeserialize, {}, (e, v) =>
      e ? reject(e) : resolve(v),
    );
  });
  assert.deepEqual(answer, { status: 'SERVING' });
  const watch = healthService.Watch as MethodDefinition<object, { status: string }>;
  const stream = stub.makeServerStreamRequest(watch.path, watch.requestSerialize, watch.responseDeserialize, {});
  const seen: string[] = [];
  stream.on('error', () => {});
  await new Promise<void>((resolve) => {
    stream.on('data', ({ status }: { status: string }) => {
      seen.push(status);
      if (seen.length === 1) health.setStatus('', 'NOT_SERVING');
      else resolve();
    });
  });
  assert.deepEqual(seen, ['SERVING', 'NOT_SERVING']);
  stream.cancel();
  stub.close();
});

test('@grpc/reflection lists services', async () => {
  const packages = loadSync(protoPath);
  assert.ok(packages);
  const stub = new (makeGenericClientConstructor({}, 'Reflection'))(address, credentials.createInsecure());
  // ServerReflectionRequest.list_services = 7, the empty string.
  const stream = stub.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    (octets: Buffer) => octets,
    (octets: Buffer) => octets,
  );
  const reply = new Promise<Buffer>((resolve, reject) => {
    stream.on('data', resolve);
    stream.on('error', reject);
  });
  stream.write(Buffer.from([0x3a, 0x00]));
  assert.match((await reply).toString('latin1'), /grpc\.health\.v1\.Health/);
  stream.end();
  stub.close();
});
