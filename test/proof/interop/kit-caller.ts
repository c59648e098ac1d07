// The cases' calls on the kit's typed clients.
import { CallScope } from '#kit/calls/call-scope.ts';
import { clientClass } from '#kit/client/client-class.ts';
import type { ChannelOptions } from '#kit/client/client-transport.ts';
import { loadContract } from '#kit/contract/contract.ts';
import { codes, RpcError } from '#kit/errors/rpc-error.ts';
import { createTelemetry } from '#kit/telemetry/telemetry.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';
import type { Caller, Reply } from '../../transport/interop/cases.ts';
import { watched } from '../seam/client-seam.ts';
import { contracts } from './service.ts';

const { openChannel } = await loadTransportUnderTest();
const telemetry = await createTelemetry({ service: 'interop', version: 'v1', logLevel: 'silent', sampleRatio: 0 });

/** A method of a client whose contract has no generated types. */
type AnyMethod = (request: unknown, options: object) => Promise<Reply> & AsyncIterable<Reply>;

/** Calls of one target; `close` ends its connection. */
export function kitCaller(
  target: string,
  options: Partial<ChannelOptions> = {},
): { readonly call: Caller; close(): void } {
  const channel = openChannel(target, { userAgent: 'interop', proxy: false, ...options });
  const call: Caller = async (path, next, { timeoutMs, metadata = [] } = {}) => {
    const [, service = '', rpc = ''] = path.split('/');
    const contract = loadContract(service, contracts);
    const { kind, handlerName } = contract.methods.find((method) => method.rpc === rpc) ?? {};
    let headers: readonly string[] = [];
    let trailers: readonly string[] = [];
    const Client = clientClass(contract, [rpc], {
      channel: watched(channel, {
        metadata,
        endless: timeoutMs === undefined,
        gzip: false,
        headers: (fields) => {
          headers = fields;
        },
        status: (status) => {
          trailers = status.trailers;
        },
      }),
      recorder: telemetry.client,
      forward: () => {},
    });
    const client = new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined));
    const method = (client as Record<string, AnyMethod>)[handlerName ?? '']?.bind(client) as AnyMethod;
    const giveUp = new AbortController();
    const replies: Reply[] = [];
    let answered = Promise.withResolvers<void>();
    const request = () => next({ replies, cancel: () => giveUp.abort() });
    async function* requests(): AsyncGenerator<object> {
      for (let value = request(); value !== undefined && !giveUp.signal.aborted; value = request()) {
        answered = Promise.withResolvers();
        yield value;
        if (kind === 'bidiStream') await answered.promise;
      }
    }
    const bounds = { signal: giveUp.signal, ...(timeoutMs === undefined ? {} : { timeout: `${timeoutMs}ms` }) };
    try {
      if (kind === 'unary') replies.push(await method(request(), bounds));
      else if (kind === 'clientStream') replies.push(await method(requests(), bounds));
      else {
        for await (const reply of method(kind === 'serverStream' ? request() : requests(), bounds)) {
          replies.push(reply);
          answered.resolve();
        }
      }
      return { code: 0, message: '', replies, headers, trailers };
    } catch (error) {
      answered.resolve();
      if (!RpcError.is(error)) throw error;
      return { code: codes[error.code], message: error.message, replies, headers, trailers };
    }
  };
  return { call, close: () => channel.close() };
}
