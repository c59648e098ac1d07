// The fourteen cases on grpc-js's client, as a program: grpc-js-client.ts PORT CASE. Exits 0 when the case passed.
import assert from 'node:assert/strict';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { type Output, type Payload, type Simple, TestService } from './service.ts';

const [port = '', name = ''] = process.argv.slice(2);
type Done<T> = (error: ServiceError | null, value?: T) => void;

interface Stub {
  EmptyCall(request: object, done: Done<object>): ClientUnaryCall;
  UnaryCall(request: Simple, metadata: Metadata, done: Done<{ payload: Payload }>): ClientUnaryCall;
  UnimplementedCall(request: object, done: Done<object>): ClientUnaryCall;
  StreamingOutputCall(request: Output): ClientReadableStream<{ payload: Payload }>;
  StreamingInputCall(done: Done<{ aggregatedPayloadSize: number }>): ClientWritableStream<{ payload: Payload }>;
  FullDuplexCall(metadata: Metadata, options: object): ClientDuplexStream<Output, { payload: Payload }>;
}

const Made = makeGenericClientConstructor(TestService, 'TestService');
const stub = new Made(`127.0.0.1:${port}`, credentials.createInsecure()) as unknown as Stub;

const SIZES: readonly (readonly [number, number])[] = [
  [31_415, 27_182],
  [9, 8],
  [2_653, 1_828],
  [58_979, 45_904],
];
const special = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const ended = <T>(start: (done: Done<T>) => unknown): Promise<{ error: ServiceError | null; value: T | undefined }> =>
  new Promise((resolve) => {
    start((error, value) => resolve({ error, value }));
  });
const simple = (request: Simple, metadata = new Metadata()) =>
  ended<{ payload: Payload }>((done) => stub.UnaryCall(request, metadata, done));

async function duplex(
  next: (sizes: number[], cancel: () => void) => Output | undefined,
  options: object = {},
  metadata = new Metadata(),
): Promise<{ status: StatusObject; sizes: number[]; headers: Metadata | undefined }> {
  const sizes: number[] = [];
  let headers: Metadata | undefined;
  const call = stub.FullDuplexCall(metadata, options);
  const step = (): void => {
    const request = next(sizes, () => call.cancel());
    if (request === undefined) call.end();
    else call.write(request);
  };
  call.on('metadata', (got) => {
    headers = got;
  });
  call.on('error', () => {});
  call.on('data', ({ payload }) => {
    sizes.push(payload.body.length);
    step();
  });
  step();
  const status = await new Promise<StatusObject>((resolve) => call.on('status', resolve));
  return { status, sizes, headers };
}

const body = (length: number): { payload: Payload } => ({ payload: { body: Buffer.alloc(length) } });
const wanted = SIZES.map(([size]) => size);

const cases: Record<string, () => Promise<void>> = {
  empty_unary: async () => assert.equal((await ended((done) => stub.EmptyCall({}, done))).error, null),
  async large_unary() {
    assert.equal((await simple({ responseSize: 314_159, ...body(271_828) })).value?.payload.body.length, 314_159);
  },
  async client_streaming() {
    const { value } = await ended<{ aggregatedPayloadSize: number }>((done) => {
      const call = stub.StreamingInputCall(done);
      for (const [, size] of SIZES) call.write(body(size));
      call.end();
    });
    assert.equal(value?.aggregatedPayloadSize, 74_922);
  },
  async server_streaming() {
    const got: number[] = [];
    const call = stub.StreamingOutputCall({ responseParameters: wanted.map((size) => ({ size })) });
    for await (const { payload } of call as AsyncIterable<{ payload: Payload }>) got.push(payload.body.length);
    assert.deepEqual(got, wanted);
  },
  async ping_pong() {
    const { status, sizes } = await duplex((got) => {
      const turn = SIZES[got.length];
      return turn && { responseParameters: [{ size: turn[0] }], ...body(turn[1]) };
    });
    assert.equal(status.code, 0);
    assert.deepEqual(sizes, wanted);
  },
  async empty_stream() {
    assert.equal((await duplex(() => undefined)).status.code, 0);
  },
  async timeout_on_sleeping_server() {
    const { status } = await duplex(
      () => ({ responseParameters: [{ size: 31_415, intervalUs: 50_000 }], ...body(27_182) }),
      {
        deadline: Date.now() + 1,
      },
    );
    assert.equal(status.code, 4);
  },
  async cancel_after_begin() {
    const { error } = await ended((done) => stub.StreamingInputCall(done).cancel());
    assert.equal(error?.code, 1);
  },
  async cancel_after_first_response() {
    const { status } = await duplex((got, cancel) => {
      if (got.length === 1) cancel();
      return { responseParameters: [{ size: 31_415 }], ...body(27_182) };
    });
    assert.equal(status.code, 1);
  },
  async status_code_and_message() {
    const responseStatus = { code: 2, message: 'test status message' };
    assert.equal((await simple({ responseStatus })).error?.details, 'test status message');
    assert.equal((await duplex(() => ({ responseStatus }))).status.details, 'test status message');
  },
  async special_status_message() {
    assert.equal((await simple({ responseStatus: { code: 2, message: special } })).error?.details, special);
  },
  async custom_metadata() {
    const metadata = new Metadata();
    metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
    metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
    const first = { responseParameters: [{ size: 1 }], ...body(1) };
    const { status, headers } = await duplex((got) => (got.length > 0 ? undefined : first), {}, metadata);
    assert.deepEqual(headers?.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
    assert.deepEqual(status.metadata.get('x-grpc-test-echo-trailing-bin'), [Buffer.from('ababab', 'hex')]);
  },
  unimplemented_method: async () =>
    assert.equal((await ended((done) => stub.UnimplementedCall({}, done))).error?.code, 12),
  async unimplemented_service() {
    const Other = makeGenericClientConstructor({}, 'Other');
    const other = new Other(`127.0.0.1:${port}`, credentials.createInsecure());
    const raw = (octets: Buffer) => octets;
    const path = '/grpc.testing.UnimplementedService/UnimplementedCall';
    const { error } = await ended((done) => other.makeUnaryRequest(path, raw, raw, Buffer.alloc(0), done));
    assert.equal(error?.code, 12);
    other.close();
  },
};

await cases[name]?.();
process.exit(cases[name] === undefined ? 2 : 0);
