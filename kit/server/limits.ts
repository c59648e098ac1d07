// Bounds on what a caller may make a server hold. Each fails closed with a status that says which bound it was.
// Sources: gRPC's own defaults, RFC 9113 6.5.2 for header sizes, Envoy's connection limits for the figures.

import type { RpcKind } from '../contract/shapes.ts';
import { milliseconds } from '../duration.ts';
import type { MethodLimits } from '../manifest.ts';

/** Bounds of a server's connections and calls. */
export interface ServerLimits {
  /** Largest request metadata, in bytes as HTTP/2 counts them. @default 8192 */
  readonly maxMetadataBytes: number;
  /** Calls open at once on one connection (SETTINGS_MAX_CONCURRENT_STREAMS). @default 1000 */
  readonly maxConcurrentStreams: number;
  /** Memory that one HTTP/2 session may hold, in MiB. @default 32 */
  readonly maxSessionMemoryMiB: number;
  /** Largest response message, in bytes. @default 16 MiB */
  readonly maxResponseBytes: number;
  /** Silence after which the peer is asked whether it is there, in milliseconds. @default 60,000 */
  readonly keepaliveTimeMs: number;
  /** How long it may take to answer, in milliseconds. @default 20,000 */
  readonly keepaliveTimeoutMs: number;
  /** Age at which a connection is told to go away, so that callers spread over new pods, in milliseconds. @default 30 min */
  readonly maxConnectionAgeMs: number;
  /** How long its calls may still run after that, in milliseconds. @default 1 h, the longest stream */
  readonly maxConnectionAgeGraceMs: number;
  /** How long calls in flight may run on while the server drains, in milliseconds. @default 20,000 */
  readonly drainMs: number;
}

/** The limits of every service. */
export const defaultLimits: ServerLimits = {
  maxMetadataBytes: 8 * 1024,
  maxConcurrentStreams: 1000,
  maxSessionMemoryMiB: 32,
  maxResponseBytes: 16 * 1024 * 1024,
  keepaliveTimeMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  maxConnectionAgeMs: 30 * 60_000,
  maxConnectionAgeGraceMs: 60 * 60_000,
  drainMs: 20_000,
};

const defaultRequestBytes = 1024 * 1024;

/** Largest request message of a method, in bytes. */
export function maxRequestBytes(limits: MethodLimits | undefined): number {
  return limits?.maxRequestBytes ?? defaultRequestBytes;
}

/** Longest time that a call of a method may stay open, in milliseconds. */
export function maxDurationMs(kind: RpcKind, limits: MethodLimits | undefined): number {
  return milliseconds(limits?.maxDuration ?? (kind === 'unary' ? '30s' : '1h'));
}
