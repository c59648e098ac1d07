// Settings of a client and of a call. Durations are milliseconds, sizes are octets.
// In a mesh the target is the sidecar and the defaults do; outside it, a plain host name gets DNS and round robin.
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Http2Connection } from '../http2/connection.ts';
import type { ConnectionLimits } from '../http2/guard/limits.ts';

/**
 * Opens a connected duplex; it must be ready to write, and nothing that the server sent may have been read from it
 * (`unshift` what came along with a proxy's answer). The signal aborts when it is not needed any more.
 */
export type Opener = (signal: AbortSignal) => Promise<Duplex> | Duplex;

/** TLS of a client, as `node:tls` takes it. ALPN is set to h2. */
export interface ClientTls extends SecureContextOptions {
  /** Name to verify and to send as SNI. @default the target's host */
  readonly servername?: string;
  /** Dangerous: takes any certificate. @default true */
  readonly rejectUnauthorized?: boolean;
}

export interface ClientOptions extends Partial<ConnectionLimits> {
  /** `host:port`, `unix:/path`, or a function that opens a socket. */
  readonly target: string | Opener;
  readonly tls?: ClientTls;
  /** The :authority of calls. @default host:port of the target, `localhost` for sockets */
  readonly authority?: string;
  /** Put before the transport's own name in the user-agent field. */
  readonly userAgent?: string;
  /** Largest message from a server, compressed or not. @default 4194304 */
  readonly maxReceiveMessage?: number;
  /** Largest message to a server. @default 4194304 */
  readonly maxSendMessage?: number;
  /** Content subtypes that responses may have (`application/grpc+proto`); none named counts as allowed. @default ['proto'] */
  readonly codecs?: readonly string[];
  /** Connections to one address; another is opened when all are full. @default 4 */
  readonly maxConnections?: number;
  /** Calls that may wait for a connection; more fail with RESOURCE_EXHAUSTED. @default 10000 */
  readonly maxWaiting?: number;
  /** Time to connect, TLS and SETTINGS included. @default 20000 @see doc/connection-backoff.md of gRPC */
  readonly connectTimeout?: number;
  /** First wait after a failed attempt; it grows by 1.6, with 20 % of jitter. @default 1000 */
  readonly backoffBase?: number;
  /** Longest such wait. @default 120000 */
  readonly backoffMax?: number;
  /** Time without a call after which connections are closed; 0 is never. @default 1800000 */
  readonly idleTimeout?: number;
  /** Told of each connection when the peer's SETTINGS are there, before a call goes out on it. */
  readonly onReady?: (connection: Http2Connection) => void;
  /** Told what a handler threw. */
  readonly onHandlerError?: (error: unknown) => void;
}

/** Options of one call. */
export interface CallOptions {
  /** Time for the whole call, from now. */
  readonly timeout?: number;
  /** Metadata: [name, value, ...], names in lower case, binary values as unpadded base64. */
  readonly metadata?: readonly string[];
  /** Wait while no connection can be made, instead of failing with UNAVAILABLE. @default false */
  readonly waitForReady?: boolean;
  /** Compress the messages of this call. @default identity */
  readonly encoding?: 'identity' | 'gzip' | 'deflate';
  /** The :authority of this call. @default the client's */
  readonly authority?: string;
}
