// A small gRPC service for mesh tests, on stock grpc-js: echoes what it got, and misbehaves when its request says so.
// Messages are plain octets (JSON text), so that no generated code is needed.

import {
  Metadata as GrpcMetadata,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';

const octets = (value: Buffer): Buffer => value;

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.v1.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: octets,
    requestDeserialize: octets,
    responseSerialize: octets,
    responseDeserialize: octets,
  };
}

export const ECHO = {
  Unary: method('Unary', false, false),
  Other: method('Other', false, false),
  ServerStream: method('ServerStream', false, true),
  ClientStream: method('ClientStream', true, false),
  Bidi: method('Bidi', true, true),
} as const satisfies ServiceDefinition;

export interface Instruction {
  /** Fail with this status. */
  readonly code?: number;
  /** Fail only the first so many calls. */
  readonly failFirst?: number;
  readonly delayMs?: number;
  /** Length of the answer, or number of messages in a stream. */
  readonly size?: number;
  readonly trailers?: Readonly<Record<string, string>>;
}

export interface Echo {
  /** Who answered. */
  readonly instance: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
}

export interface EchoService {
  /** Calls that reached the handler. */
  calls(): number;
  /** Streams that the caller took away. */
  cancelled(): number;
  instance: string;
  /** For one that listens on TCP. */
  port: number;
  /** What unary calls do when their request does not say. */
  behaviour: Instruction;
  stop(): Promise<void>;
  kill(): void;
}

function instruction(request: Buffer): Instruction {
  if (request[0] !== 0x7b) return {};
  return JSON.parse(request.toString()) as Instruction;
}

function asRecord(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.keys(metadata.getMap()).map((name) => [name, metadata.get(name).join(',')]));
}

/** @param listen - `unix:/path` or `host:port`. */
export async function startEcho(instance: string, listen: string): Promise<EchoService> {
  let calls = 0;
  let cancelled = 0;
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const service: EchoService = {
    instance,
    port: 0,
    behaviour: {},
    calls: () => calls,
    cancelled: () => cancelled,
    stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    kill: () => server.forceShutdown(),
  };
  const unary = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => {
    calls++;
    const told = { ...service.behaviour, ...instruction(call.request) };
    call.on('cancelled', () => cancelled++);
    const answer = (): void => {
      const trailers = new GrpcMetadata();
      for (const [name, value] of Object.entries(told.trailers ?? {})) trailers.set(name, value);
      const failing = told.code !== undefined && (told.failFirst === undefined || calls <= told.failFirst);
      if (failing) reply({ code: told.code ?? 2, details: 'as told', metadata: trailers });
      else if (told.size !== undefined) reply(null, Buffer.alloc(told.size, 1), trailers);
      else
        reply(
          null,
          Buffer.from(
            JSON.stringify({
              instance: service.instance,
              headers: asRecord(call.metadata),
              length: call.request.length,
            } satisfies Echo),
          ),
          trailers,
        );
    };
    if (told.delayMs === undefined) answer();
    else setTimeout(answer, told.delayMs);
  };
  server.addService(ECHO, {
    Unary: unary,
    Other: unary,
    ServerStream: async (call: ServerWritableStream<Buffer, Buffer>) => {
      calls++;
      call.on('cancelled', () => cancelled++);
      const told = instruction(call.request);
      for (let index = 0; index < (told.size ?? 3) && !call.cancelled; index++) {
        if (!call.write(Buffer.from(`message ${index}`))) await new Promise((resolve) => call.once('drain', resolve));
        if (told.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, told.delayMs));
      }
      if (told.code !== undefined) call.emit('error', { code: told.code, details: 'as told' });
      else call.end();
    },
    ClientStream: (call: ServerReadableStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      calls++;
      let length = 0;
      call.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      call.on('end', () => reply(null, Buffer.from(String(length))));
    },
    Bidi: (call: ServerDuplexStream<Buffer, Buffer>) => {
      calls++;
      call.on('cancelled', () => cancelled++);
      call.on('data', (chunk: Buffer) => call.write(chunk));
      call.on('end', () => call.end());
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(listen, ServerCredentials.createInsecure(), (error, port) => {
      service.port = port;
      if (error === null) resolve();
      else reject(error);
    });
  });
  return service;
}
