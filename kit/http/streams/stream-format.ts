// How a stream of messages is written: server-sent events for browsers, one JSON object a line for programs.
// An error is said within the stream, because the status was sent before it was known. The end is the end.
import type { ErrorBody } from '../server/error-body.ts';

/** One way to write a stream. */
export interface StreamFormat {
  readonly contentType: string;
  /** @param id what the client names when it connects anew. @default - it cannot be named */
  message(json: unknown, id?: string): string;
  error(body: ErrorBody): string;
  /** Said now and then so that nobody between here and the client takes the connection for dead. */
  readonly keepAlive: string;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  message: (json, id) => `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(json)}\n\n`,
  error: (body) => `event: error\ndata: ${JSON.stringify(body)}\n\n`,
  keepAlive: ': keep-alive\n\n',
};

const newlineDelimited: StreamFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  message: (json) => `${JSON.stringify(json)}\n`,
  error: (body) => `${JSON.stringify(body)}\n`,
  keepAlive: '\n',
};

/** The format that an Accept header asks for; server-sent events unless it names NDJSON. */
export function streamFormat(accept: string | undefined): StreamFormat {
  return /\bapplication\/(x-)?ndjson\b/i.test(accept ?? '') ? newlineDelimited : serverSentEvents;
}
