// The answer of a readiness probe, alike on the admin port and at an edge. What is waited for is named, for whoever debugs it.

/** Status and text of /readyz. */
export function readiness(
  serving: boolean,
  waitingFor: readonly string[],
): { readonly status: number; readonly body: string } {
  if (!serving) return { status: 503, body: 'not ready\n' };
  if (waitingFor.length > 0) return { status: 503, body: `not ready: waiting for ${waitingFor.join(', ')}\n` };
  return { status: 200, body: 'ok\n' };
}
