// The HTTP server of an edge: limits, credentials and records around whatever routes are added to it.
// A request is refused as early as it can be: by the parser, by address, by credential, and only then is its body read.
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { RpcError } from '../../errors/rpc-error.ts';
import { checkAccess } from '../../server/access.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { HeaderSink, RateLimits } from '../limits/rate-limits.ts';
import { webSocketAuthorization } from '../websocket/web-socket-token.ts';
import { boundPipelining, refuseTwoHosts } from './connection-rules.ts';
import { edgeHeaders } from './edge-headers.ts';
import { EdgeRequest } from './edge-request.ts';
import { errorResponse, HttpError } from './error-body.ts';
import { noteExchange } from './exchanges.ts';
import type { HttpRecorder } from './http-recorder.ts';
import { refuseMethod } from './other-methods.ts';
import { securityHeaders } from './security-headers.ts';
import { edgeError, refuseConnection } from './server-errors.ts';

/** Bounds on what a client may send. */
export interface HttpLimits {
  /** Largest body, in bytes. @default 1 MiB */
  readonly maxBodyBytes?: number;
  /** Largest head of a request, in bytes. @default 16 KiB */
  readonly maxHeaderBytes?: number;
  /** Most headers of a request. @default 100 */
  readonly maxHeaders?: number;
  /** Longest that the head of a request may take to arrive, in milliseconds. @default 10,000 */
  readonly headersTimeoutMs?: number;
  /** Longest that a whole request may take to arrive, in milliseconds. @default 20,000 */
  readonly requestTimeoutMs?: number;
}

/** Parts of an {@link createEdgeServer}. */
export interface EdgeServerParts {
  readonly recorder: HttpRecorder;
  readonly credentials: Credentials;
  readonly rateLimits: RateLimits;
  readonly limits: HttpLimits;
  /** Proxies in front whose `x-forwarded-for` is believed. */
  readonly trustedProxies: number;
}

/**
 * How long a connection may be idle: longer than the hour of Envoy's default where a proxy is in front. A server that closes
 * first closes under the proxy's next request, which is then answered with 503.
 */
const idleMs = { direct: 72_000, proxied: 2 * 3_600_000 };

/** A server without routes. */
export function createEdgeServer(parts: EdgeServerParts): FastifyInstance {
  const { limits, trustedProxies } = parts;
  const { maxHeaders = 100, headersTimeoutMs = 10_000, requestTimeoutMs = 20_000 } = limits;
  const app = Fastify({
    logger: false,
    bodyLimit: limits.maxBodyBytes ?? 1024 * 1024,
    trustProxy: trustedProxies > 0 && ((_address, hop) => hop < trustedProxies),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: trustedProxies > 0 ? idleMs.proxied : idleMs.direct,
    routerOptions: { maxParamLength: 512, querystringParser: () => ({}) },
    http: {
      maxHeaderSize: limits.maxHeaderBytes ?? 16 * 1024,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, headersTimeoutMs),
    },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => {
      begin(parts, request, reply);
      answerError(error, request, reply);
    },
  });
  // Node would drop headers beyond its own maximum in silence; one more lets the check below see that there are too many.
  app.server.maxHeadersCount = maxHeaders + 1;
  app.decorateRequest('edge');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    begin(parts, request, reply);
    boundPipelining(request, reply);
    refuseTwoHosts(request, reply);
    if (request.raw.rawHeaders.length > 2 * maxHeaders) {
      throw new HttpError(431, 'RESOURCE_EXHAUSTED', `more than ${maxHeaders} headers`, { reason: 'TOO_MANY_HEADERS' });
    }
    await admit(parts, request, reply);
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request) => {
    throw new RpcError('NOT_FOUND', `nothing is at ${request.method} ${request.url.split('?', 1)[0]}; see /docs`, {
      reason: 'NO_SUCH_PATH',
    });
  });
  return app;
}

function begin({ recorder }: EdgeServerParts, request: FastifyRequest, reply: FastifyReply): void {
  noteExchange(request.raw, reply.raw);
  const headers = edgeHeaders(request.headers, request.ip);
  if (request.routeOptions.config?.webSocket === true) {
    const authorization = webSocketAuthorization(request.url, request.headers);
    if (authorization !== undefined) headers.set('authorization', authorization);
  }
  const record = recorder.start(request.method, request.routeOptions.config?.label ?? 'unmatched', headers);
  request.edge = new EdgeRequest(request, reply, headers, record);
  // The server no longer watches a socket that asked for another protocol: one that is refused must not stay open.
  if (request.headers.upgrade !== undefined) reply.raw.once('finish', () => request.raw.socket.destroySoon());
  reply.headers(securityHeaders).header('x-request-id', record.requestId);
}

/** Lets the request in, or throws why not. */
async function admit(parts: EdgeServerParts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { credentials, rateLimits } = parts;
  const { edge, is404 } = request;
  const { access, allowed } = request.routeOptions.config;
  if (access === undefined && !is404 && allowed === undefined) return;
  const sink = headerSink(reply);
  rateLimits.take('address', edge.address, sink);
  if (allowed !== undefined) refuseMethod(request, reply);
  if (access === undefined) return;
  edge.caller = await credentials.caller(edge.headers);
  const { user } = edge.caller;
  rateLimits.take('principal', user === undefined ? `address ${edge.address}` : `user ${user.id}`, sink);
  // The service checks again; here it spares the work of everything in between.
  checkAccess(access, edge.caller);
}

function headerSink(reply: FastifyReply): HeaderSink {
  return {
    get: (name) => reply.getHeader(name)?.toString(),
    set: (name, value) => {
      reply.header(name, value);
    },
  };
}

/** Answers with the error, whatever it is. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { edge } = request;
  const { status, headers, body } = errorResponse(edgeError(thrown), edge.record.requestId);
  edge.error = thrown;
  // A body that was not read would be taken for the next request.
  if (status === 413 || status === 431) reply.header('connection', 'close');
  reply.status(status).headers(headers).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(utf8.decode(body));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8';
    throw new RpcError('INVALID_ARGUMENT', `the body is not JSON: ${why}`, { reason: 'MALFORMED_JSON', cause });
  }
}
