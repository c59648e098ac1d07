// The cases' calls on this transport's client.
import { type CallHandler, type CallOptions, type Client, type ClientCall, encodeBinary } from '#transport';
import type { Caller, Ended, Reply } from './cases.ts';
import { methodAt } from './service.ts';

const binary = (name: string, value: string): string =>
  name.endsWith('-bin') ? encodeBinary(Buffer.from(value, 'base64')) : value;

/** @param client stays open */
export function transportCaller(client: Client): Caller {
  return (path, next, { timeoutMs, metadata = [] } = {}) => {
    const method = methodAt(path);
    const options: CallOptions = {
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
      metadata: metadata.map((value, at) => (at % 2 === 1 ? binary(metadata[at - 1] ?? '', value) : value)),
    };
    const replies: Reply[] = [];
    return new Promise<Ended>((resolve) => {
      const request = (call: ClientCall | undefined): Buffer | undefined => {
        const value = next({ replies, cancel: () => call?.cancel() });
        return value && method.requestSerialize(value);
      };
      const step = (call: ClientCall): boolean => {
        const octets = request(call);
        if (call.finished) return false;
        if (octets === undefined) call.halfClose();
        else call.sendMessage(octets);
        return octets !== undefined;
      };
      const handler: CallHandler = {
        onMessage(call, octets) {
          replies.push(method.responseDeserialize(octets) as Reply);
          call.pull();
          if (method.requestStream) step(call);
        },
        onEnd({ code, message, headers, trailers, reply }) {
          if (reply !== undefined) replies.push(method.responseDeserialize(reply) as Reply);
          resolve({ code, message, replies, headers, trailers });
        },
      };
      if (!method.requestStream) {
        const octets = request(undefined) ?? Buffer.alloc(0);
        if (method.responseStream) client.serverStream(path, octets, options, handler).pull();
        else client.unary(path, octets, options, handler);
      } else if (method.responseStream) {
        const call = client.bidiStream(path, options, handler);
        call.pull();
        step(call);
      } else {
        const call = client.clientStream(path, options, handler);
        while (step(call));
      }
    });
  };
}
