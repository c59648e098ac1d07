// One page of rows (AIP-158), with the number of all that the query would give.
// Pages go on after the last row's value of one column, so that a page costs the same anywhere in the list.
import type { Selectable, SelectQueryBuilder } from 'kysely';
import type { Context } from '../context.ts';
import { openPage, type PageOptions, type PageRequest } from '../paging/page.ts';

/** Options of {@link listPage}. */
export interface ListOptions<Row> extends PageOptions {
  /** Column that orders the rows; unique among them. */
  readonly by: keyof Row & string;
  /** @default 'asc' */
  readonly order?: 'asc' | 'desc';
}

/** A page of rows. */
export interface ListedPage<Row> {
  readonly rows: Row[];
  readonly nextPageToken: string;
  readonly totalSize: number;
}

/**
 * Reads the page that a request asks for:
 * `await listPage(context, request, db.selectFrom('products'), { by: 'productId' })`.
 *
 * @param query which rows: conditions only
 * @throws RpcError INVALID_ARGUMENT when the page token was tampered with, or belongs to another request
 */
export async function listPage<DB, T extends keyof DB & string>(
  context: Pick<Context, 'config'>,
  request: PageRequest,
  query: SelectQueryBuilder<DB, T, object>,
  { by, order = 'asc', ...options }: ListOptions<Selectable<DB[T]>>,
): Promise<ListedPage<Selectable<DB[T]>>> {
  type Row = Selectable<DB[T]>;
  const page = openPage(context, request, options);
  const plain = query as unknown as SelectQueryBuilder<Record<string, Row>, string, object>;
  const { count } = await plain.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  const [after] = page.after ?? [];
  const rest = after === undefined ? plain : plain.where(by, order === 'asc' ? '>' : '<', after as never);
  const rows = (await rest.selectAll().orderBy(by, order).limit(page.limit).execute()) as Row[];
  const { items, nextPageToken } = page.close(rows, (row) => [row[by] as string | number]);
  return { rows: items, nextPageToken, totalSize: count };
}
