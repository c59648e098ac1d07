// A small HTTP client of the gateway, used by every story: the laptop and a cluster are driven by the same code.
// It knows URLs and JSON only, like any customer of the API.

/** The reply to one request; `body` is the parsed JSON, or the text where it is no JSON. */
export interface Reply<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A request beyond its method and path. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 20 s */
  readonly timeoutMs?: number;
}

/** Talks to one gateway, as one caller. */
export class ApiClient {
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;

  /** @param base URL of the gateway, for example `http://127.0.0.1:8080` */
  constructor(base: string, headers: Readonly<Record<string, string>> = {}) {
    this.base = base.replace(/\/$/, '');
    this.headers = headers;
  }

  /** The same gateway, as the bearer of an access token. */
  as(accessToken: string): ApiClient {
    return new ApiClient(this.base, { ...this.headers, authorization: `Bearer ${accessToken}` });
  }

  /** The same gateway, as the holder of an API key. */
  withApiKey(secret: string): ApiClient {
    return new ApiClient(this.base, { ...this.headers, 'x-api-key': secret });
  }

  /** Sends a request and returns the reply whatever its status is. */
  async send<T = unknown>(method: string, path: string, options: RequestOptions = {}): Promise<Reply<T>> {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...this.headers,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined
        ? {}
        : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) as T };
  }

  /** Sends a request that must be answered with 200. @throws Error with the reply otherwise */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const reply = await this.send<T>(method, path, body === undefined ? {} : { body });
    if (reply.status !== 200) {
      throw new Error(`${method} ${path} was answered with ${reply.status}: ${JSON.stringify(reply.body)}`);
    }
    return reply.body;
  }

  /**
   * Reads a server stream as server-sent events until `enough` says so, the server ends it, or time is up.
   *
   * @returns the messages, in order
   */
  async events<T>(path: string, enough: (messages: readonly T[]) => boolean, timeoutMs = 60_000): Promise<T[]> {
    const response = await fetch(this.base + path, {
      headers: { ...this.headers, accept: 'text/event-stream' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`GET ${path} was answered with ${response.status}: ${await response.text()}`);
    }
    const messages: T[] = [];
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = block
          .split('\n')
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trim())
          .join('\n');
        if (data !== '') messages.push(JSON.parse(data) as T);
      }
      if (enough(messages)) break;
    }
    return messages;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
