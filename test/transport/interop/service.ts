// gRPC's interoperability service: its methods' codecs, and its implementation for grpc-js and the facade alike.
import { fileURLToPath } from 'node:url';
import {
  Metadata,
  type MethodDefinition,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Payload {
  body: Uint8Array;
}

interface Echo {
  code: number;
  message: string;
}

export interface Simple {
  responseSize?: number;
  payload?: Payload;
  responseStatus?: Echo;
}

export interface Output {
  responseParameters?: { size: number; intervalUs?: number }[];
  payload?: Payload;
  responseStatus?: Echo;
}

const loaded = loadSync(fileURLToPath(new URL('testing.proto', import.meta.url)), {});
/** The service, as grpc-js takes it. */
export const TestService = loaded['grpc.testing.TestService'] as unknown as ServiceDefinition;
const unserved = loaded['grpc.testing.UnimplementedService'] as unknown as ServiceDefinition;

/** A method by its path: its kind and codecs. */
export function methodAt(path: string): MethodDefinition<object, object> {
  const found = [TestService, unserved].flatMap((each) => Object.values(each)).find((method) => method.path === path);
  if (found === undefined) throw new Error(`testing.proto has no ${path}`);
  return found;
}

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';

interface Surface {
  readonly metadata: Metadata;
  sendMetadata(metadata: Metadata): void;
}

/** Echoes the two custom fields; returns the trailers. */
function echo(call: Surface): Metadata {
  const [initial] = call.metadata.get(INITIAL);
  if (initial !== undefined) {
    const headers = new Metadata();
    headers.set(INITIAL, initial);
    call.sendMetadata(headers);
  }
  const trailers = new Metadata();
  for (const value of call.metadata.get(TRAILING)) trailers.add(TRAILING, value);
  return trailers;
}

const body = (size = 0) => ({ payload: { body: Buffer.alloc(size) } });

async function outputs(
  call: ServerDuplexStream<Output, object> | ServerWritableStream<Output, object>,
  message: Output,
) {
  for (const { size, intervalUs = 0 } of message.responseParameters ?? []) {
    if (intervalUs > 0) await new Promise((resolve) => setTimeout(resolve, intervalUs / 1_000));
    call.write(body(size));
  }
}

export const implementation: UntypedServiceImplementation = {
  EmptyCall: (_call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) => done(null, {}),
  UnaryCall(call: ServerUnaryCall<Simple, object>, done: sendUnaryData<object>) {
    const trailers = echo(call);
    const { responseStatus, responseSize } = call.request;
    if (responseStatus?.code) done({ code: responseStatus.code, details: responseStatus.message, metadata: trailers });
    else done(null, body(responseSize), trailers);
  },
  async StreamingOutputCall(call: ServerWritableStream<Output, object>) {
    const trailers = echo(call);
    await outputs(call, call.request);
    call.end(trailers);
  },
  StreamingInputCall(call: ServerReadableStream<{ payload?: Payload }, object>, done: sendUnaryData<object>) {
    let total = 0;
    call.on('data', ({ payload }) => {
      total += payload?.body.length ?? 0;
    });
    call.on('end', () => done(null, { aggregatedPayloadSize: total }));
  },
  FullDuplexCall(call: ServerDuplexStream<Output, object>) {
    const trailers = echo(call);
    let turn = Promise.resolve();
    call.on('data', (message: Output) => {
      turn = turn.then(async () => {
        const failure = message.responseStatus;
        if (failure?.code) call.emit('error', { code: failure.code, details: failure.message });
        else await outputs(call, message);
      });
    });
    call.on('end', () => void turn.then(() => call.end(trailers)));
  },
};
