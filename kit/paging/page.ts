// One page of a list: how many rows to read, after which, and the token of the next page.
// One row more than the page holds is read, which tells whether there is a next page without counting.
import type { Context } from '../context.ts';
import { type Cursor, openPageToken, sealPageToken } from './page-token.ts';

/** A request for a page (AIP-158). */
export interface PageRequest {
  /** At most so many; 0: the default. */
  readonly pageSize: number;
  /** Empty: the first page. */
  readonly pageToken: string;
}

/** Options of {@link openPage}. */
export interface PageOptions {
  /** The request's filters and order; a token is refused with others. @default {} */
  readonly filters?: Readonly<Record<string, unknown>>;
  /** Size when the request says none. @default 50 */
  readonly defaultSize?: number;
  /** Larger sizes are cut down to this. @default 1000 */
  readonly maxSize?: number;
}

/** A page that is being read. */
export interface Page {
  /** Rows in the page. */
  readonly size: number;
  /** Rows to read: one more than the page holds. */
  readonly limit: number;
  /** Read rows that come after this one; undefined: from the start. */
  readonly after: Cursor | undefined;
  /**
   * The rows of the page and the token of the next one, empty after the last.
   *
   * @param rows at most `limit` rows
   * @param cursorOf the values by which rows are ordered
   */
  close<R>(rows: readonly R[], cursorOf: (row: R) => Cursor): { readonly items: R[]; readonly nextPageToken: string };
}

/**
 * Opens the page that a request asks for:
 * `const page = openPage(context, request, { filters: { category } })`.
 *
 * @throws RpcError INVALID_ARGUMENT when the page token was tampered with, or belongs to another request
 */
export function openPage(
  context: Pick<Context, 'config'>,
  { pageSize, pageToken }: PageRequest,
  { filters = {}, defaultSize = 50, maxSize = 1000 }: PageOptions = {},
): Page {
  const { method = '' } = context as { readonly method?: string };
  const binding = JSON.stringify([method, Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const size = Math.min(pageSize > 0 ? pageSize : defaultSize, maxSize);
  return {
    size,
    limit: size + 1,
    after: pageToken === '' ? undefined : openPageToken(context.config, binding, pageToken),
    close(rows, cursorOf) {
      const items = rows.slice(0, size);
      const last = items.at(-1);
      const more = rows.length > size && last !== undefined;
      return { items, nextPageToken: more ? sealPageToken(context.config, binding, cursorOf(last)) : '' };
    },
  };
}
