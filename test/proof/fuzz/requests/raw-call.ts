// Calls of any kind with any bytes: what no typed client would send.
import type { ClientChannel } from '#kit/client/client-transport.ts';
import { type Code, codes, type ErrorDetails } from '#kit/errors/rpc-error.ts';
import { decodeStatusDetails } from '#kit/errors/status-details.ts';

/** How a call ended. */
export interface Answer {
  /** `CANCELLED` also when this side had seen enough of a stream. */
  readonly code: Code | 'OK' | number;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly responses: readonly Buffer[];
}

/** Responses of a stream that are enough. */
const enough = 3;
const longestMs = 20_000;

const names = new Map<number, Code>(Object.entries(codes).map(([name, number]) => [number, name as Code]));

/** How to call. */
export interface RawCallOptions {
  readonly metadata: Readonly<Record<string, string>>;
  /** Of many responses a few are read, and one that has nothing to say is left after so many milliseconds; undefined: one. */
  readonly streamMs: number | undefined;
}

/** Sends the bytes of each message, and reads. */
export function rawCall(
  channel: ClientChannel,
  path: string,
  bodies: readonly Buffer[],
  { metadata, streamMs }: RawCallOptions,
): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = channel.headers();
    for (const [name, value] of Object.entries(metadata)) headers.add(name, value);
    const responses: Buffer[] = [];
    let leave: NodeJS.Timeout | undefined;
    /** Leaves a stream that has said enough; the transport need not say so again. */
    const done = (): void => {
      clearTimeout(leave);
      call.cancel();
      resolve({ code: 'CANCELLED', message: '', details: {}, responses });
    };
    const call = channel.call(path, Date.now() + longestMs, headers, {
      message(bytes) {
        responses.push(bytes);
        if (streamMs !== undefined && responses.length >= enough) done();
        else call.pull();
      },
      status({ code, message, details }) {
        clearTimeout(leave);
        const decoded = details === undefined ? {} : decodeStatusDetails(details);
        resolve({ code: code === 0 ? 'OK' : (names.get(code) ?? code), message, details: decoded, responses });
      },
    });
    for (const body of bodies) call.send(body, false, () => {});
    call.halfClose();
    call.pull();
    if (streamMs !== undefined) leave = setTimeout(done, streamMs);
  });
}
