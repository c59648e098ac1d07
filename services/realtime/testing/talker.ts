// Somebody who talks in rooms, for tests: sends actions one at a time and reads what comes, as slowly as the test wants.
import type { Init } from '#kit';
import type { ChatRequest, ChatResponse } from '#proto/fairlead/realtime/v1/realtime_service.ts';

type Chat = (
  requests: AsyncIterable<Init<ChatRequest>>,
  options: { signal: AbortSignal },
) => AsyncIterable<ChatResponse>;

/** One open conversation. */
export class Talker {
  readonly #waiting: Init<ChatRequest>[] = [];
  readonly #hangUp = new AbortController();
  readonly #responses: AsyncIterator<ChatResponse>;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(chat: Chat) {
    this.#responses = chat(this.#requests(), { signal: this.#hangUp.signal })[Symbol.asyncIterator]();
  }

  /** Does something. */
  act(request: Init<ChatRequest>): void {
    this.#waiting.push(request);
    this.#wake?.();
  }

  /** The next thing that comes. */
  async next(): Promise<ChatResponse> {
    const { value, done } = await this.#responses.next();
    if (done === true) throw new Error('the conversation has ended');
    return value;
  }

  /** The next thing of a kind; what comes before is passed over. */
  async until(event: NonNullable<ChatResponse['event']>): Promise<ChatResponse> {
    for (;;) {
      const response = await this.next();
      if (response.event === event) return response;
    }
  }

  /** Enters a room; what it was answered with. */
  async join(roomId: string, historySize = 0): Promise<{ history: ChatResponse; presence: ChatResponse }> {
    this.act({ actionId: 'join', join: { roomId, historySize } });
    return { history: await this.until('history'), presence: await this.until('presence') };
  }

  /** Says that nothing more will be asked; resolves when the service has said good-bye. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#wake?.();
    for (let step = await this.#responses.next(); step.done !== true; step = await this.#responses.next());
  }

  /** Goes away without a word. */
  vanish(): void {
    this.#hangUp.abort();
  }

  async *#requests(): AsyncGenerator<Init<ChatRequest>> {
    while (!this.#hangUp.signal.aborted) {
      const request = this.#waiting.shift();
      if (request !== undefined) yield request;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
