// The fourteen cases from the client's side, on this transport's client. Each rejects when its expectation fails.
import assert from 'node:assert/strict';
import { type CallOptions, type Client, type ClientCall, encodeBinary, Status } from '#transport';
import { type Output, type Simple, TestService } from './service.ts';

type Method = 'EmptyCall' | 'UnaryCall' | 'StreamingOutputCall' | 'StreamingInputCall' | 'FullDuplexCall';
const method = (name: Method) => {
  const found = TestService[name];
  assert.ok(found);
  return found;
};
const write = (name: Method, value: object): Buffer => method(name).requestSerialize(value);
const size = (name: Method, octets: Buffer): number =>
  (method(name).responseDeserialize(octets) as { payload: { body: Uint8Array } }).payload.body.length;
const payload = (length: number) => ({ payload: { body: Buffer.alloc(length) } });

const unary = (client: Client, path: string, octets: Buffer, options?: CallOptions): Promise<ClientCall> =>
  new Promise((resolve) => {
    client.unary(path, octets, options, { onEnd: resolve });
  });
const simple = (client: Client, request: Simple, options?: CallOptions): Promise<ClientCall> =>
  unary(client, method('UnaryCall').path, write('UnaryCall', request), options);

/** A full-duplex call: `next` is asked for a request after each response, and `undefined` ends it. */
function duplex(
  client: Client,
  next: (responses: number[], call: ClientCall) => Output | undefined,
  options?: CallOptions,
): Promise<{ readonly call: ClientCall; readonly sizes: number[] }> {
  const sizes: number[] = [];
  const step = (call: ClientCall): void => {
    const request = next(sizes, call);
    if (call.finished) return;
    if (request === undefined) call.halfClose();
    else call.sendMessage(write('FullDuplexCall', request));
  };
  return new Promise((resolve) => {
    const call = client.bidiStream(method('FullDuplexCall').path, options, {
      onMessage(self, octets) {
        sizes.push(size('FullDuplexCall', octets));
        self.pull();
        step(self);
      },
      onEnd: (ended) => resolve({ call: ended, sizes }),
    });
    call.pull();
    step(call);
  });
}

const SIZES = [
  [31_415, 27_182],
  [9, 8],
  [2_653, 1_828],
  [58_979, 45_904],
] as const;
const CUSTOM: CallOptions = {
  metadata: [
    ...['x-grpc-test-echo-initial', 'test_initial_metadata_value'],
    ...['x-grpc-test-echo-trailing-bin', encodeBinary(Buffer.from('ababab', 'hex'))],
  ],
};

function assertEchoed(call: ClientCall): void {
  assert.equal(call.headers[call.headers.indexOf('x-grpc-test-echo-initial') + 1], 'test_initial_metadata_value');
  assert.equal(call.trailers[call.trailers.indexOf('x-grpc-test-echo-trailing-bin') + 1], 'q6ur');
}

const special = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

export const cases: Readonly<Record<string, (client: Client) => Promise<void>>> = {
  async empty_unary(client) {
    const call = await unary(client, method('EmptyCall').path, Buffer.alloc(0));
    assert.equal(call.code, Status.OK);
    assert.equal(call.reply?.length, 0);
  },
  async large_unary(client) {
    const call = await simple(client, { responseSize: 314_159, ...payload(271_828) });
    assert.equal(size('UnaryCall', call.reply ?? Buffer.alloc(0)), 314_159);
  },
  async client_streaming(client) {
    const call = await new Promise<ClientCall>((resolve) => {
      const started = client.clientStream(method('StreamingInputCall').path, undefined, { onEnd: resolve });
      for (const [, length] of SIZES) started.sendMessage(write('StreamingInputCall', payload(length)));
      started.halfClose();
    });
    assert.deepEqual(method('StreamingInputCall').responseDeserialize(call.reply ?? Buffer.alloc(0)), {
      aggregatedPayloadSize: 74_922,
    });
  },
  async server_streaming(client) {
    const got: number[] = [];
    const request = write('StreamingOutputCall', { responseParameters: SIZES.map(([length]) => ({ size: length })) });
    const ended = await new Promise<ClientCall>((resolve) => {
      client
        .serverStream(method('StreamingOutputCall').path, request, undefined, {
          onMessage(call, octets) {
            got.push(size('StreamingOutputCall', octets));
            call.pull();
          },
          onEnd: resolve,
        })
        .pull();
    });
    assert.equal(ended.code, Status.OK);
    assert.deepEqual(
      got,
      SIZES.map(([length]) => length),
    );
  },
  async ping_pong(client) {
    const { call, sizes } = await duplex(client, (responses) => {
      const turn = SIZES[responses.length];
      return turn && { responseParameters: [{ size: turn[0] }], ...payload(turn[1]) };
    });
    assert.equal(call.code, Status.OK);
    assert.deepEqual(
      sizes,
      SIZES.map(([length]) => length),
    );
  },
  async empty_stream(client) {
    const { call, sizes } = await duplex(client, () => undefined);
    assert.equal(call.code, Status.OK);
    assert.deepEqual(sizes, []);
  },
  async timeout_on_sleeping_server(client) {
    const { call } = await duplex(
      client,
      () => ({ responseParameters: [{ size: 31_415, intervalUs: 50_000 }], ...payload(27_182) }),
      { timeout: 1 },
    );
    assert.equal(call.code, Status.DEADLINE_EXCEEDED);
  },
  async cancel_after_begin(client) {
    const call = await new Promise<ClientCall>((resolve) => {
      client.clientStream(method('StreamingInputCall').path, undefined, { onEnd: resolve }).cancel();
    });
    assert.equal(call.code, Status.CANCELLED);
  },
  async cancel_after_first_response(client) {
    const { call } = await duplex(client, (responses, self) => {
      if (responses.length === 1) self.cancel();
      return { responseParameters: [{ size: 31_415 }], ...payload(27_182) };
    });
    assert.equal(call.code, Status.CANCELLED);
  },
  async status_code_and_message(client) {
    const responseStatus = { code: 2, message: 'test status message' };
    const one = await simple(client, { responseStatus });
    const { call: two } = await duplex(client, () => ({ responseStatus }));
    for (const call of [one, two]) assert.deepEqual([call.code, call.message], [2, 'test status message']);
  },
  async special_status_message(client) {
    const call = await simple(client, { responseStatus: { code: 2, message: special } });
    assert.deepEqual([call.code, call.message], [2, special]);
  },
  async custom_metadata(client) {
    assertEchoed(await simple(client, { responseSize: 1, ...payload(1) }, CUSTOM));
    const { call } = await duplex(
      client,
      (responses) => (responses.length > 0 ? undefined : { responseParameters: [{ size: 1 }], ...payload(1) }),
      CUSTOM,
    );
    assertEchoed(call);
  },
  async unimplemented_method(client) {
    const call = await unary(client, '/grpc.testing.TestService/UnimplementedCall', Buffer.alloc(0));
    assert.equal(call.code, Status.UNIMPLEMENTED);
  },
  async unimplemented_service(client) {
    const call = await unary(client, '/grpc.testing.UnimplementedService/UnimplementedCall', Buffer.alloc(0));
    assert.equal(call.code, Status.UNIMPLEMENTED);
  },
};
