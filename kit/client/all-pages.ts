// Reads a list to its end, a page at a time (AIP-158).

/**
 * Yields every page of a list:
 * `for await (const { products } of allPages((pageToken) => clients.catalog.listProducts({ pageToken })))`.
 */
export async function* allPages<Page extends { readonly nextPageToken: string }>(
  read: (pageToken: string) => Promise<Page>,
): AsyncGenerator<Page, void, void> {
  let pageToken = '';
  do {
    const page = await read(pageToken);
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}
