// A stock grpc-js client behind a sidecar: nothing but `grpc_proxy` in its environment tells it of the mesh.

import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { ECHO, type Echo, type Instruction } from './echo-service.ts';

export interface Outcome {
  readonly code: number;
  readonly message: string;
  readonly echo?: Echo;
  readonly body?: Buffer;
  readonly headers: Metadata | undefined;
  readonly status: StatusObject | undefined;
}

export interface CallSettings {
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
  readonly method?: 'Unary' | 'Other';
}

function metadata(headers: Readonly<Record<string, string>> = {}): Metadata {
  const result = new Metadata();
  for (const [name, value] of Object.entries(headers)) result.set(name, value);
  return result;
}

export class EchoClient {
  readonly client: Client;

  /** @param proxyUrl - what a service finds in `grpc_proxy`; undefined for a client without sidecar. */
  constructor(target: string, proxyUrl: string | undefined, options: Readonly<Record<string, string | number>> = {}) {
    const before = process.env.grpc_proxy;
    // grpc-js reads the variable when the channel is made.
    if (proxyUrl === undefined) delete process.env.grpc_proxy;
    else process.env.grpc_proxy = proxyUrl;
    try {
      this.client = new Client(target, credentials.createInsecure(), {
        'grpc.enable_retries': 0,
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        ...options,
      });
    } finally {
      if (before === undefined) delete process.env.grpc_proxy;
      else process.env.grpc_proxy = before;
    }
  }

  call(request: Instruction | Buffer = {}, settings: CallSettings = {}): Promise<Outcome> {
    const { path, requestSerialize, responseDeserialize } = ECHO[settings.method ?? 'Unary'];
    const body = Buffer.isBuffer(request) ? request : Buffer.from(JSON.stringify(request));
    return new Promise((resolve) => {
      let headers: Metadata | undefined;
      let result: { error: ServiceError | null; reply: Buffer | undefined } | undefined;
      let status: StatusObject | undefined;
      const finish = (): void => {
        if (result === undefined || status === undefined) return;
        const { error, reply } = result;
        const echo = reply !== undefined && reply[0] === 0x7b ? { echo: JSON.parse(reply.toString()) as Echo } : {};
        resolve({
          code: error?.code ?? 0,
          message: error?.details ?? '',
          headers,
          status,
          ...echo,
          ...(reply === undefined ? {} : { body: reply }),
        });
      };
      const options = settings.deadlineMs === undefined ? {} : { deadline: Date.now() + settings.deadlineMs };
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        body,
        metadata(settings.headers),
        options,
        (error, reply) => {
          result = { error, reply };
          finish();
        },
      );
      call.on('metadata', (received) => {
        headers = received;
      });
      call.on('status', (received) => {
        status = received;
        finish();
      });
    });
  }

  /** As many calls, so many at once. */
  async many(
    count: number,
    atOnce: number,
    run: (index: number) => Promise<Outcome> = () => this.call(),
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: Math.min(atOnce, count) }, async () => {
        while (next < count) outcomes.push(await run(next++));
      }),
    );
    return outcomes;
  }

  serverStream(request: Instruction, headers: Readonly<Record<string, string>> = {}): ClientReadableStream<Buffer> {
    const { path, requestSerialize, responseDeserialize } = ECHO.ServerStream;
    return this.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      Buffer.from(JSON.stringify(request)),
      metadata(headers),
    );
  }

  bidi(headers: Readonly<Record<string, string>> = {}): ClientDuplexStream<Buffer, Buffer> {
    const { path, requestSerialize, responseDeserialize } = ECHO.Bidi;
    return this.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata(headers));
  }

  /** Sends the chunks and gives the answer. */
  clientStream(chunks: readonly Buffer[]): Promise<Outcome> {
    const { path, requestSerialize, responseDeserialize } = ECHO.ClientStream;
    return new Promise((resolve) => {
      const call = this.client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (error, body) =>
        resolve({
          code: error?.code ?? 0,
          message: error?.details ?? '',
          headers: undefined,
          status: undefined,
          ...(body === undefined ? {} : { body }),
        }),
      );
      for (const chunk of chunks) call.write(chunk);
      call.end();
    });
  }

  close(): void {
    this.client.close();
  }
}

/** Everything that a stream gives, and how it ended. */
export function collect(
  stream: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>,
): Promise<{ messages: string[]; code: number; message: string }> {
  return new Promise((resolve) => {
    const messages: string[] = [];
    stream.on('data', (chunk: Buffer) => messages.push(chunk.toString()));
    stream.on('error', () => {});
    stream.on('status', ({ code, details }) => resolve({ messages, code, message: details }));
  });
}
