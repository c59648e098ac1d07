// /openapi.json, and /docs with a page that shows it. The page is three files of our own and asks nobody else for anything.
// Everything here is made or read at the first question and kept.
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

/** Lets the page's own script and style run, and ask this origin only. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

const files = {
  '/docs': ['page.html', 'text/html; charset=utf-8'],
  '/docs/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/docs/page.js': ['page.js', 'text/javascript; charset=utf-8'],
} as const;

/** Adds the routes. */
export function addDocs(app: FastifyInstance, document: () => object): void {
  let json: string | undefined;
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { label: '/openapi.json' },
    handler: async (_request, reply) => {
      json ??= JSON.stringify(document());
      return reply.type('application/json; charset=utf-8').send(json);
    },
  });
  for (const [url, [name, type]] of Object.entries(files)) {
    app.route({
      method: 'GET',
      url,
      config: { label: url },
      handler: async (_request, reply) => {
        const text = await readFile(new URL(name, import.meta.url), 'utf8');
        return reply.type(type).header('content-security-policy', pagePolicy).send(text);
      },
    });
  }
}
