// A path that is there, asked for with a method that it does not have: 405 with Allow (RFC 9110, 15.5.6), not 404.
// Each such path gets one more route for the methods that are left, so that the router itself decides what a path is.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from './error-body.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

interface KnownPath {
  readonly url: string;
  readonly methods: Set<string>;
}

/** Watches the routes of a server, from now on; what it gives adds the refusing routes when all others are there. */
export function otherMethods(app: FastifyInstance): () => void {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    // Parameters of one place may have several names.
    const shape = url.replace(/(?<!:):\w+/g, ':');
    const known = paths.get(shape) ?? { url, methods: new Set() };
    for (const name of [method].flat()) known.methods.add(name);
    paths.set(shape, known);
  });
  return () => {
    for (const known of [...paths.values()]) {
      const allowed = [...known.methods].sort().join(', ');
      const left = methods.filter((name) => !known.methods.has(name));
      if (left.length === 0) continue;
      app.route({ method: left, url: known.url, config: { label: 'unmatched', allowed }, handler: refuseMethod });
    }
  };
}

/** Refuses a request whose path has no such method. The server asks before it reads a body. */
export function refuseMethod(request: FastifyRequest, reply: FastifyReply): never {
  const { allowed = '' } = request.routeOptions.config;
  reply.header('allow', allowed);
  throw new HttpError(405, 'UNIMPLEMENTED', `${request.method} is not for this path; it takes ${allowed}`, {
    reason: 'METHOD_NOT_ALLOWED',
    metadata: { allowed },
  });
}
