// The client side of @grpc/grpc-js behind ClientTransport; its neighbours and server/transports/grpc-js-server.ts alone touch it too.
// Calls are made on the channel, below grpc-js's Client, whose stack trace, emitters and interceptors cost more than the call.
import grpc from '@grpc/grpc-js';
import { timeOfDay } from '../../clock/timers.ts';
import type { HeaderBag } from '../../telemetry/header-bag.ts';
import type {
  ChannelOptions,
  ClientCall,
  ClientCallListener,
  ClientChannel,
  ClientTls,
  OpenChannel,
  OutgoingHeaders,
} from '../client-transport.ts';
import { FieldList } from './field-list.ts';
import { forgetEndedCalls } from './grpc-js-active-calls.ts';
import { CallMetadata } from './grpc-js-call-metadata.ts';

const defaultResponseBytes = 16 * 1024 * 1024;
/** grpc-js's WriteFlags.NoCompress, a const enum that is not exported. */
const noCompress = 2;

type Underlying = ReturnType<grpc.Channel['createCall']>;

interface QueuedMessage {
  readonly bytes: Buffer;
  readonly compress: boolean;
  readonly flushed: () => void;
}

class GrpcJsCall implements ClientCall {
  readonly #call: Underlying;
  readonly #listener: ClientCallListener;
  readonly #deadline: number;
  readonly #queue: (QueuedMessage | 'half-close')[] = [];
  #sending = false;
  #cancelled = false;

  constructor(call: Underlying, deadline: number, metadata: grpc.Metadata, listener: ClientCallListener) {
    this.#call = call;
    this.#deadline = deadline;
    this.#listener = listener;
    call.start(metadata, this);
  }

  pull(): void {
    this.#call.startRead();
  }

  send(bytes: Buffer, compress: boolean, flushed: () => void): void {
    if (this.#sending) this.#queue.push({ bytes, compress, flushed });
    else this.#transmit({ bytes, compress, flushed });
  }

  halfClose(): void {
    // It does wait by itself for the one message that is under way.
    if (this.#queue.length > 0) this.#queue.push('half-close');
    else this.#call.halfClose();
  }

  /** grpc-js takes one message at a time: the next one waits until this one has left. */
  #transmit({ bytes, compress, flushed }: QueuedMessage): void {
    this.#sending = true;
    const callback = (): void => {
      this.#sending = false;
      const next = this.#queue.shift();
      if (next === 'half-close') this.#call.halfClose();
      else if (next !== undefined) this.#transmit(next);
      flushed();
    };
    this.#call.sendMessageWithContext({ callback, flags: compress ? 0 : noCompress }, bytes);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#call.cancelWithStatus(grpc.status.CANCELLED, 'cancelled');
  }

  // What grpc-js tells a call's listener.

  onReceiveMetadata(metadata: grpc.Metadata): void {
    this.#listener.headers?.(listOf(metadata));
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#listener.message(bytes);
  }

  onReceiveStatus({ code, details, metadata }: grpc.StatusObject): void {
    forgetEndedCalls(this.#call);
    const bytes = code === 0 ? undefined : metadata.get('grpc-status-details-bin')[0];
    // A server that gives a call up at its deadline may be heard of before grpc-js's own timer runs.
    const late = code === grpc.status.CANCELLED && !this.#cancelled && timeOfDay() >= this.#deadline;
    this.#listener.status({
      code: late ? grpc.status.DEADLINE_EXCEEDED : code,
      message: late ? 'Deadline exceeded' : details,
      details: Buffer.isBuffer(bytes) ? bytes : undefined,
      get trailers() {
        return listOf(metadata);
      },
    });
  }
}

function listOf(metadata: grpc.Metadata): string[] {
  return Object.entries(metadata.toJSON()).flatMap(([name, values]) =>
    values.flatMap((value) => [name, typeof value === 'string' ? value : value.toString('base64')]),
  );
}

function credentialsOf(tls: ClientTls | undefined): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  return grpc.credentials.createSsl(tls.ca, tls.own?.key ?? null, tls.own?.cert ?? null);
}

class GrpcJsChannel implements ClientChannel {
  readonly #channel: grpc.Channel;

  constructor(
    target: string,
    { userAgent, proxy = true, maxResponseBytes = defaultResponseBytes, compression = true, tls }: ChannelOptions,
  ) {
    this.#channel = new grpc.Channel(target, credentialsOf(tls), {
      ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
      'grpc.primary_user_agent': userAgent,
      'grpc.enable_http_proxy': proxy ? 1 : 0,
      'grpc.enable_channelz': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.max_receive_message_length': maxResponseBytes,
      'grpc.default_compression_algorithm': grpc.compressionAlgorithms[compression ? 'gzip' : 'identity'],
      'grpc.keepalive_time_ms': 60_000,
      'grpc.keepalive_timeout_ms': 20_000,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
    });
  }

  headers(): OutgoingHeaders {
    return new FieldList();
  }

  call(path: string, deadline: number, headers: HeaderBag, listener: ClientCallListener): ClientCall {
    const metadata = new CallMetadata(headers instanceof FieldList ? headers.list : []);
    return new GrpcJsCall(this.#channel.createCall(path, deadline, null, null, null), deadline, metadata, listener);
  }

  close(): void {
    this.#channel.close();
  }
}

export const openGrpcJsChannel: OpenChannel = (target, options) => new GrpcJsChannel(target, options);
