// Runs the parts of a view side by side. A part that fails is left out and named in `partial`; the rest is served.
// A part that refuses the caller (no such user, not allowed) is no failure of ours: if it is essential, it is the answer.
import type { Logger } from '../../context.ts';
import { type Code, RpcError } from '../../errors/rpc-error.ts';

/** Work of each part. */
export type Parts = Readonly<Record<string, () => Promise<unknown>>>;

/** What the parts came to; a part that failed is absent and named. */
export type PartialAnswer<P extends Parts> = { [K in keyof P]?: Awaited<ReturnType<P[K]>> } & { partial: string[] };

/** Codes that say something about the request, which would be the same at the next try. */
const refusals: ReadonlySet<Code> = new Set<Code>([
  'INVALID_ARGUMENT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
]);

/**
 * Runs all parts at once.
 *
 * @param essential parts whose refusal of the request refuses the whole
 * @throws RpcError of an essential part that refused
 */
export async function sideBySide<P extends Parts>(
  parts: P,
  { log, essential = [] }: { readonly log: Logger; readonly essential?: readonly (keyof P & string)[] },
): Promise<PartialAnswer<P>> {
  const names = Object.keys(parts);
  const results = await Promise.allSettled(names.map((name) => parts[name]?.()));
  const answer: Record<string, unknown> = {};
  const partial: string[] = [];
  for (const [index, name] of names.entries()) {
    const result = results[index];
    if (result?.status === 'fulfilled') {
      answer[name] = result.value;
      continue;
    }
    const reason: unknown = result?.reason;
    if (essential.includes(name) && RpcError.is(reason) && refusals.has(reason.code)) throw reason;
    log.warn('a part is left out', { part: name, error: reason instanceof Error ? reason.message : reason });
    partial.push(name);
  }
  return { ...answer, partial } as unknown as PartialAnswer<P>;
}
