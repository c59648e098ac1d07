// The fourteen cases from the client's side, on whatever client is given. Each rejects when its expectation fails.
// Sizes and texts are those of doc/interop-test-descriptions.md of gRPC.
import assert from 'node:assert/strict';

/** A response of any method. */
export interface Reply {
  readonly payload?: { readonly body: Uint8Array } | null;
  readonly aggregatedPayloadSize?: number;
}

/** How a call ended. */
export interface Ended {
  /** Canonical code, 0 for OK. */
  readonly code: number;
  readonly message: string;
  readonly replies: readonly Reply[];
  /** Names and values in turn, binary values in base64. */
  readonly headers: readonly string[];
  readonly trailers: readonly string[];
}

/** A call under way, when its next request is asked for. */
export interface Turn {
  readonly replies: readonly Reply[];
  cancel(): void;
}

/** Options of one call. */
export interface CallerOptions {
  readonly timeoutMs?: number;
  /** Names and values in turn, binary values in base64. */
  readonly metadata?: readonly string[];
}

/**
 * Makes a call of `/service/method` and resolves with its end. `next` gives the requests: the one of a unary method; those of
 * a stream until it gives none, which on a bidirectional one is asked for at first and after each response.
 */
export type Caller = (
  path: string,
  next: (turn: Turn) => object | undefined,
  options?: CallerOptions,
) => Promise<Ended>;

const service = '/grpc.testing.TestService';
const sizes = [
  [31_415, 27_182],
  [9, 8],
  [2_653, 1_828],
  [58_979, 45_904],
] as const;
const metadata = [
  ...['x-grpc-test-echo-initial', 'test_initial_metadata_value'],
  ...['x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex').toString('base64')],
];
const special = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const payload = (length: number) => ({ payload: { body: Buffer.alloc(length) } });
const lengths = ({ replies }: Ended | Turn): number[] => replies.map((reply) => reply.payload?.body.length ?? 0);

function assertEnded({ code, message }: Ended, expected: number): void {
  assert.equal(code, expected, `ended with ${code}: ${message}`);
}

function assertEchoed(ended: Ended): void {
  const { headers, trailers } = ended;
  assertEnded(ended, 0);
  assert.equal(headers[headers.indexOf('x-grpc-test-echo-initial') + 1], 'test_initial_metadata_value');
  const trailing = trailers[trailers.indexOf('x-grpc-test-echo-trailing-bin') + 1];
  assert.equal(Buffer.from(trailing ?? '', 'base64').toString('hex'), 'ababab');
}

export const cases: Readonly<Record<string, (call: Caller) => Promise<void>>> = {
  async empty_unary(call) {
    const ended = await call(`${service}/EmptyCall`, () => ({}));
    assertEnded(ended, 0);
    assert.equal(ended.replies.length, 1);
  },
  async large_unary(call) {
    const ended = await call(`${service}/UnaryCall`, () => ({ responseSize: 314_159, ...payload(271_828) }));
    assertEnded(ended, 0);
    assert.deepEqual(lengths(ended), [314_159]);
  },
  async client_streaming(call) {
    let sent = 0;
    const ended = await call(`${service}/StreamingInputCall`, () => {
      const turn = sizes[sent++];
      return turn && payload(turn[1]);
    });
    assertEnded(ended, 0);
    assert.equal(ended.replies[0]?.aggregatedPayloadSize, 74_922);
  },
  async server_streaming(call) {
    const responseParameters = sizes.map(([size]) => ({ size }));
    const ended = await call(`${service}/StreamingOutputCall`, () => ({ responseParameters }));
    assertEnded(ended, 0);
    assert.deepEqual(
      lengths(ended),
      sizes.map(([size]) => size),
    );
  },
  async ping_pong(call) {
    const ended = await call(`${service}/FullDuplexCall`, ({ replies }) => {
      const turn = sizes[replies.length];
      return turn && { responseParameters: [{ size: turn[0] }], ...payload(turn[1]) };
    });
    assertEnded(ended, 0);
    assert.deepEqual(
      lengths(ended),
      sizes.map(([size]) => size),
    );
  },
  async empty_stream(call) {
    const ended = await call(`${service}/FullDuplexCall`, () => undefined);
    assertEnded(ended, 0);
    assert.deepEqual(ended.replies, []);
  },
  async timeout_on_sleeping_server(call) {
    const request = { responseParameters: [{ size: 31_415, intervalUs: 50_000 }], ...payload(27_182) };
    const ended = await call(`${service}/FullDuplexCall`, () => request, { timeoutMs: 1 });
    assertEnded(ended, 4);
  },
  async cancel_after_begin(call) {
    const ended = await call(`${service}/StreamingInputCall`, ({ cancel }) => {
      cancel();
      return undefined;
    });
    assertEnded(ended, 1);
  },
  async cancel_after_first_response(call) {
    const ended = await call(`${service}/FullDuplexCall`, ({ replies, cancel }) => {
      if (replies.length === 1) cancel();
      return { responseParameters: [{ size: 31_415 }], ...payload(27_182) };
    });
    assertEnded(ended, 1);
  },
  async status_code_and_message(call) {
    const request = { responseStatus: { code: 2, message: 'test status message' } };
    for (const method of ['UnaryCall', 'FullDuplexCall']) {
      const { code, message } = await call(`${service}/${method}`, ({ replies }) =>
        replies.length === 0 ? request : undefined,
      );
      assert.deepEqual([code, message], [2, 'test status message']);
    }
  },
  async special_status_message(call) {
    const request = { responseStatus: { code: 2, message: special } };
    const { code, message } = await call(`${service}/UnaryCall`, () => request);
    assert.deepEqual([code, message], [2, special]);
  },
  async custom_metadata(call) {
    const request = { responseSize: 1, ...payload(1) };
    assertEchoed(await call(`${service}/UnaryCall`, () => request, { metadata }));
    const first = { responseParameters: [{ size: 1 }], ...payload(1) };
    assertEchoed(
      await call(`${service}/FullDuplexCall`, ({ replies }) => (replies.length > 0 ? undefined : first), { metadata }),
    );
  },
  async unimplemented_method(call) {
    assertEnded(await call(`${service}/UnimplementedCall`, () => ({})), 12);
  },
  async unimplemented_service(call) {
    assertEnded(await call('/grpc.testing.UnimplementedService/UnimplementedCall', () => ({})), 12);
  },
};
