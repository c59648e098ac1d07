// Settings of a server. Each limit has a default that is safe on an open port, and a counter in `Counters`.
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { type ConnectionLimits, DEFAULT_LIMITS } from '../http2/guard/limits.ts';

/** Limits of a connection, and those of the server. Durations are milliseconds, sizes are octets. */
export interface ServerOptions extends Partial<ConnectionLimits> {
  /** Connections at once; more are closed as they come. @default 10000 */
  readonly maxConnections?: number;
  /** Largest message from a client, compressed or not. @default 4194304 */
  readonly maxReceiveMessage?: number;
  /** Largest message to a client. @default 4194304 */
  readonly maxSendMessage?: number;
  /** Longest time of a call, also where the client sets none; 0 is no bound. @default 0 */
  readonly maxCallTime?: number;
  /** Age at which a connection is drained (a tenth at random is added); 0 is never. @default 0 @see gRFC A9 */
  readonly maxConnectionAge?: number;
  /** Time that a drained connection's calls still get. @default 30000 @see gRFC A9 */
  readonly maxConnectionAgeGrace?: number;
  /** Time without a call after which a connection is drained; 0 is never. @default 0 @see gRFC A9 */
  readonly maxConnectionIdle?: number;
  /** Content subtypes that calls may have (`application/grpc+proto`); none named counts as allowed. @default ['proto'] */
  readonly codecs?: readonly string[];
  /** Told what a handler threw. The call has ended with INTERNAL and no detail. */
  readonly onHandlerError?: (error: unknown) => void;
}

/** TLS settings of a listener, as `node:tls` takes them. ALPN is set to h2. */
export interface ServerTls extends SecureContextOptions {
  /** Ask clients for a certificate and refuse those without a valid one. @default false */
  readonly requireClientCertificate?: boolean;
  /** Anything else of `tls.createServer`. */
  readonly more?: TlsOptions;
}

/** Where to listen. */
export type ListenTarget =
  | { readonly host?: string; readonly port: number; readonly tls?: ServerTls }
  | { readonly path: string; readonly tls?: ServerTls };

/** Limits of a server's connections: keepalive is on, because a dead client's calls hold memory. */
export const SERVER_LIMITS: ConnectionLimits = Object.freeze({ ...DEFAULT_LIMITS, keepaliveTime: 60_000 });
