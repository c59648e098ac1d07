// The caller from outside: requests of HTTP/1.1 that are written as a scenario says, proper or not.
import { Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Observation, Request } from '../scenario.ts';
import { encodeOrder } from './attempts.ts';
import { type HttpReply, INSTANCE } from './http-echo.ts';

/** A part of a body does not wait longer for an answer to the one before. */
const PART_MS = 300;
const PATIENCE_MS = 20_000;

/**
 * Makes the requests of a step on connections of their own.
 *
 * @param target - `host:port` of the ingress gateway.
 */
export async function makeRequests(target: string, request: Request, step: string): Promise<readonly Observation[]> {
  const agent = new Agent({ keepAlive: true });
  const observations: Observation[] = [];
  const times = request.times ?? 1;
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(request.atOnce ?? 1, times) }, async () => {
      while (next < times) {
        const number = next++;
        observations.push(await new Exchange(target, agent, numbered(request, number), `${step}/${number}`).made);
      }
    }),
  );
  agent.destroy();
  return observations;
}

const numbered = (request: Request, number: number): Request =>
  JSON.parse(JSON.stringify(request).replaceAll('{n}', String(number))) as Request;

const namesOf = ({ headers = {} }: Request): ReadonlySet<string> =>
  new Set(Object.keys(headers).map((name) => name.toLowerCase()));

/** The head as it is sent: what a scenario says, and how long the body is. Nothing is added for being usual. */
function fieldsOf({ method = 'GET', host = '', headers = {}, body, order }: Request, call: string): string[] {
  const fields = host === null ? [] : ['Host', host];
  for (const [name, value] of Object.entries(headers))
    for (const each of typeof value === 'string' ? [value] : value) fields.push(name, each);
  const [step = ''] = call.split('/');
  fields.push('x-order', encodeOrder({ ...order, step, call }));
  const names = namesOf({ headers });
  if (names.has('content-length') || names.has('transfer-encoding') || names.has('upgrade')) return fields;
  if (typeof body === 'object') fields.push('Transfer-Encoding', 'chunked');
  else if (body !== undefined) fields.push('Content-Length', String(Buffer.byteLength(body)));
  else if (method === 'POST' || method === 'PUT') fields.push('Content-Length', '0');
  return fields;
}

class Exchange {
  readonly made: Promise<Observation>;
  readonly #request: Request;
  readonly #sent: ClientRequest;
  readonly #start = performance.now();
  readonly #parts: readonly string[];
  #partsSent = 0;
  #next: NodeJS.Timeout | undefined;
  #continued = false;
  #messages = 0;
  #settle: (observation: Observation) => void = () => {};
  #settled = false;

  constructor(target: string, agent: Agent, request: Request, call: string) {
    this.#request = request;
    const { body } = request;
    this.#parts = body === undefined ? [] : typeof body === 'string' ? [body] : body;
    this.made = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const colon = target.lastIndexOf(':');
    const sent = openRequest({
      host: target.slice(0, colon),
      port: Number(target.slice(colon + 1)),
      agent,
      method: request.method ?? 'GET',
      path: request.target ?? '/',
      headers: fieldsOf(request, call),
      setHost: false,
    });
    this.#sent = sent;
    sent.on('error', (error: NodeJS.ErrnoException) => this.#end(0, error.code ?? error.message, {}));
    sent.on('response', (response) => this.#response(response));
    sent.on('upgrade', (response, socket, early) => this.#upgraded(response, socket, early));
    sent.on('continue', () => {
      this.#continued = true;
      this.#sendBody();
    });
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('no answer')));
    if (request.cancelAfterMs !== undefined) setTimeout(() => sent.destroy(), request.cancelAfterMs).unref();
    const names = namesOf(request);
    if (names.has('upgrade')) sent.end();
    else if (!names.has('expect')) this.#sendBody();
    else {
      sent.flushHeaders();
      // RFC 9110, 10.1.1: a client does not wait for ever.
      this.#next = setTimeout(() => this.#sendBody(), 10 * PART_MS);
    }
  }

  #sendBody(): void {
    clearTimeout(this.#next);
    const part = this.#parts[this.#partsSent];
    if (part === undefined) {
      this.#sent.end();
      return;
    }
    this.#partsSent++;
    this.#sent.write(part);
    if (this.#partsSent === this.#parts.length) this.#sent.end();
    else this.#next = setTimeout(() => this.#sendBody(), PART_MS);
  }

  #response(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    const events = response.headers['content-type'] === 'text/event-stream';
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (events) this.#messages += chunk.toString().split('data: ').length - 1;
      else if (this.#request.order?.echo === true) {
        this.#messages++;
        if (this.#partsSent < this.#parts.length) this.#sendBody();
      }
    });
    response.on('error', () => {});
    response.once('close', () => {
      const { statusCode = 0, complete } = response;
      this.#end(complete ? statusCode : 0, Buffer.concat(chunks).toString(), response.headers);
    });
  }

  #upgraded(response: IncomingMessage, socket: Duplex, early: Buffer): void {
    socket.on('error', () => {});
    let text = early.toString();
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      this.#messages++;
      const part = this.#parts[this.#messages];
      if (part === undefined) socket.end();
      else socket.write(part);
    });
    socket.once('close', () => this.#end(response.statusCode ?? 0, text, response.headers));
    socket.write(this.#parts[0] ?? '');
  }

  #end(code: number, text: string, headers: IncomingMessage['headers']): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#next);
    // Answered before the whole body was sent: the rest is not.
    if (!this.#sent.writableEnded) this.#sent.destroy();
    const responseHeaders = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
    );
    const instance = responseHeaders[INSTANCE];
    const reply =
      code !== 0 && responseHeaders['content-type'] === 'application/json' && text !== ''
        ? (JSON.parse(text) as HttpReply)
        : undefined;
    this.#settle({
      code,
      details: instance === undefined ? text.slice(0, 1000) : '',
      messages: this.#messages,
      continued: this.#continued,
      tookMs: performance.now() - this.#start,
      responseHeaders,
      ...(instance === undefined ? {} : { instance }),
      ...(reply === undefined ? {} : { headers: reply.headers, received: reply.received }),
    });
  }
}
