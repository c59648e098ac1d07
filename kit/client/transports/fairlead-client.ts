// The client side of the platform's own transport behind ClientTransport.
// A call is begun at its first message, so that one with a single message goes out in two frames.

import { type CallHandler, type Client, connect, decodeBinary, type ClientCall as TransportCall } from '#transport';
import { timeOfDay } from '../../clock/timers.ts';
import type { HeaderBag } from '../../telemetry/header-bag.ts';
import type {
  ChannelOptions,
  ClientCall,
  ClientCallListener,
  ClientChannel,
  OpenChannel,
  OutgoingHeaders,
} from '../client-transport.ts';
import { connectTunnel } from './connect-tunnel.ts';
import { FieldList } from './field-list.ts';

const defaultResponseBytes = 16 * 1024 * 1024;

interface Message {
  readonly bytes: Buffer;
  readonly compress: boolean;
  readonly flushed: () => void;
}

/**
 * Whether the messages of a channel's calls may be gzipped. A server that cannot inflate refuses a call that declares it (grpc-go
 * without its gzip package does), so nothing is declared before a response has said that it can.
 */
class Gzip {
  declared: boolean;
  #learning: boolean;

  constructor(chosen: boolean | undefined) {
    this.declared = chosen ?? false;
    this.#learning = chosen === undefined;
  }

  /** @param headers of a response, as names and values in turn */
  learn(headers: readonly string[]): void {
    if (!this.#learning) return;
    const at = headers.indexOf('grpc-accept-encoding');
    if (at < 0) return;
    this.declared = headers[at + 1]?.includes('gzip') === true;
    this.#learning = false;
  }
}

class FairleadCall implements ClientCall, CallHandler {
  readonly #client: Client;
  readonly #path: string;
  readonly #deadline: number;
  readonly #headers: HeaderBag;
  readonly #gzip: Gzip;
  readonly #listener: ClientCallListener;
  #call: TransportCall | undefined;
  #first: Message | undefined;
  #begun = false;
  #over = false;
  #unflushed: (() => void)[] = [];

  constructor(
    client: Client,
    gzip: Gzip,
    path: string,
    deadline: number,
    headers: HeaderBag,
    listener: ClientCallListener,
  ) {
    this.#client = client;
    this.#gzip = gzip;
    this.#path = path;
    this.#deadline = deadline;
    this.#headers = headers;
    this.#listener = listener;
  }

  pull(): void {
    if (this.#over) return;
    this.#beginStream();
    this.#call?.pull();
  }

  send(bytes: Buffer, compress: boolean, flushed: () => void): void {
    if (this.#over) return;
    if (!this.#begun && this.#first === undefined) {
      this.#first = { bytes, compress, flushed };
    } else {
      this.#beginStream();
      this.#transmit({ bytes, compress, flushed });
    }
  }

  halfClose(): void {
    if (this.#over) return;
    const first = this.#first;
    if (this.#begun || first === undefined) {
      this.#beginStream();
      this.#call?.halfClose();
      return;
    }
    this.#first = undefined;
    this.#begun = true;
    this.#keep(
      this.#client.serverStream(this.#path, first.bytes, this.#options(first.compress && this.#gzip.declared), this),
    );
    first.flushed();
  }

  cancel(): void {
    this.#over = true;
    this.#call?.cancel();
  }

  // What the transport tells.

  onHeaders({ headers }: TransportCall): void {
    this.#gzip.learn(headers);
    this.#listener.headers?.(headers);
  }

  onMessage(_call: TransportCall, bytes: Buffer): void {
    this.#listener.message(bytes);
  }

  onDrain(): void {
    for (const flushed of this.#unflushed.splice(0)) flushed();
  }

  onEnd({ code, message, trailers }: TransportCall): void {
    if (this.#over) return;
    this.#over = true;
    const index = trailers.indexOf('grpc-status-details-bin');
    const details = index >= 0 && index % 2 === 0 ? decodeBinary(trailers[index + 1] ?? '')[0] : undefined;
    this.#listener.status({ code, message, details, trailers });
  }

  #beginStream(): void {
    if (this.#begun) return;
    this.#begun = true;
    // Any of its messages may be worth compressing, and the encoding is declared before the first of them.
    this.#keep(this.#client.bidiStream(this.#path, this.#options(this.#gzip.declared), this));
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) this.#transmit(first);
  }

  #keep(call: TransportCall): void {
    if (this.#over) call.cancel();
    else this.#call = call;
  }

  #transmit({ bytes, compress, flushed }: Message): void {
    if (this.#call?.sendMessage(bytes, compress) && this.#unflushed.length === 0) flushed();
    else this.#unflushed.push(flushed);
  }

  #options(compress: boolean): { timeout?: number; metadata: string[]; encoding: 'gzip' | 'identity' } {
    const metadata = this.#headers instanceof FieldList ? this.#headers.list : [];
    const encoding = compress ? 'gzip' : 'identity';
    if (this.#deadline === Number.POSITIVE_INFINITY) return { metadata, encoding };
    return { timeout: this.#deadline - timeOfDay(), metadata, encoding };
  }
}

class FairleadChannel implements ClientChannel {
  readonly #client: Client;
  readonly #gzip: Gzip;

  constructor(
    target: string,
    { userAgent, proxy = true, proxyUrl, maxResponseBytes, compression, tls }: ChannelOptions,
  ) {
    this.#gzip = new Gzip(compression);
    const named = tls?.serverName === undefined ? {} : { servername: tls.serverName };
    this.#client = connect({
      target: proxy && proxyUrl !== undefined ? (signal) => connectTunnel(proxyUrl, target, signal) : target,
      ...(target.startsWith('unix:') ? {} : { authority: target }),
      ...(tls === undefined ? {} : { tls: { ca: tls.ca, ...named, ...tls.own } }),
      userAgent,
      maxReceiveMessage: maxResponseBytes ?? defaultResponseBytes,
      // Servers bound what they take, each method its own way.
      maxSendMessage: 0x7fff_ffff,
      keepaliveTime: 60_000,
      backoffBase: 100,
      backoffMax: 2_000,
    });
  }

  headers(): OutgoingHeaders {
    return new FieldList();
  }

  call(path: string, deadline: number, headers: HeaderBag, listener: ClientCallListener): ClientCall {
    return new FairleadCall(this.#client, this.#gzip, path, deadline, headers, listener);
  }

  close(): void {
    this.#client.drain();
  }
}

export const openFairleadChannel: OpenChannel = (target, options) => new FairleadChannel(target, options);
