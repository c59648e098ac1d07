// Every bound that a connection enforces, with its default. What goes over one is counted in `Counters`.
// Defaults are for services that talk to sidecars and to each other; nothing here is unlimited unless it says so.

/** Bounds of one HTTP/2 connection. Durations are milliseconds, sizes are octets. */
export interface ConnectionLimits {
  /** Streams the peer may have open at once. @default 100 (server) @see RFC 9113 section 5.1.2 */
  readonly maxConcurrentStreams: number;
  /** Largest header list as RFC 9113 section 6.5.2 counts it. @default 8192 */
  readonly maxHeaderListSize: number;
  /** Largest encoded header block; more closes the connection, because it cannot be skipped. @default 65536 */
  readonly maxHeaderBlockSize: number;
  /** CONTINUATION frames in one block (CVE-2024-27316). @default 16 */
  readonly maxContinuations: number;
  /** Octets of dynamic table that the peer's encoder may use. @default 4096 */
  readonly headerTableSize: number;
  /** Largest frame that we accept. @default 16384 @see RFC 9113 section 6.5.2 */
  readonly maxFrameSize: number;
  /** Receive window of a stream. @default 524288 */
  readonly streamWindow: number;
  /** Receive window of the connection. @default 2097152 */
  readonly connectionWindow: number;
  /** Received octets that may wait for their readers, all streams together; beyond it no credit is given. @default 67108864 */
  readonly sessionMemory: number;
  /** Octets that may wait to be sent on one stream before a writer is told to wait. @default 65536 */
  readonly sendBuffer: number;
  /** Octets that may wait in the socket before streams are held back. @default 1048576 */
  readonly socketBuffer: number;
  /** Frames without progress (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, unknown, empty DATA): burst. @default 1000 */
  readonly controlBurst: number;
  /** The same, a second in the long run; frames with payload earn the same right, DATA of ours thrice. @default 200 */
  readonly controlRate: number;
  /** Streams reset by the peer, or by us for the peer's faults (CVE-2023-44487, CVE-2025-8671): burst. @default 1000 */
  readonly resetBurst: number;
  /** The same, a second in the long run; a stream that ends well earns one more. @default 100 */
  readonly resetRate: number;
  /** Time for preface and first SETTINGS, and for the ACK of ours. @default 10000 */
  readonly settingsTimeout: number;
  /** Time for an unfinished frame or header block. @default 10000 */
  readonly frameTimeout: number;
  /** Time without an octet in the middle of a message. @default 20000 */
  readonly messageTimeout: number;
  /** Time in which the peer takes nothing of what waits for it on a stream. @default 120000 */
  readonly sendTimeout: number;
  /** PING when nothing has arrived for so long; 0 turns it off. @default 0 (server: 60000) */
  readonly keepaliveTime: number;
  /** Time for the answer to that PING. @default 20000 */
  readonly keepaliveTimeout: number;
  /** Whether keepalive PINGs are sent with no stream open. @default false */
  readonly keepaliveWithoutCalls: boolean;
}

export const DEFAULT_LIMITS: ConnectionLimits = Object.freeze({
  maxConcurrentStreams: 100,
  maxHeaderListSize: 8_192,
  maxHeaderBlockSize: 65_536,
  maxContinuations: 16,
  headerTableSize: 4_096,
  maxFrameSize: 16_384,
  streamWindow: 524_288,
  connectionWindow: 2_097_152,
  sessionMemory: 67_108_864,
  sendBuffer: 65_536,
  socketBuffer: 1_048_576,
  controlBurst: 1_000,
  controlRate: 200,
  resetBurst: 1_000,
  resetRate: 100,
  settingsTimeout: 10_000,
  frameTimeout: 10_000,
  messageTimeout: 20_000,
  sendTimeout: 120_000,
  keepaliveTime: 0,
  keepaliveTimeout: 20_000,
  keepaliveWithoutCalls: false,
});

/** Defaults with what `given` names put over them. */
export function withLimits(base: ConnectionLimits, given: Partial<ConnectionLimits> | undefined): ConnectionLimits {
  if (given === undefined) return base;
  const merged: Record<string, unknown> = { ...base };
  for (const key of Object.keys(base)) {
    const value = given[key as keyof ConnectionLimits];
    if (value !== undefined) merged[key] = value;
  }
  return merged as unknown as ConnectionLimits;
}
