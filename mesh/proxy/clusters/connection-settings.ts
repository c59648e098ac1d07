// Limits of the connections that the mesh makes and takes. The services' own limits stay in force behind it.
// A sidecar's connection carries many callers' streams, so what guards one caller's connection would punish the others.

import type { ConnectionLimits } from '#transport';

export const SIDECAR_LIMITS: Partial<ConnectionLimits> = {
  maxConcurrentStreams: 100_000,
  /** Envoy: max_request_headers_kb 60. */
  maxHeaderListSize: 61_440,
  /** One stream that is not read must not stop the others: its window is a small part of the connection's. */
  streamWindow: 262_144,
  connectionWindow: 67_108_864,
  sessionMemory: 268_435_456,
  socketBuffer: 4_194_304,
  sendTimeout: 3_600_000,
  controlBurst: 100_000,
  controlRate: 10_000,
  resetBurst: 100_000,
  resetRate: 10_000,
};

/** Short waits: an instance that restarts on this machine is back within moments. */
export const RECONNECT = { backoffBase: 20, backoffMax: 500, maxWaiting: 100_000 } as const;
