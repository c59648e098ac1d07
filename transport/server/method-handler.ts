// What a method's owner implements. One object a method, made once: a call allocates nothing here.
import type { ServerCall } from './server-call.ts';

export interface MethodHandler {
  /** The client may send any number of messages. False: exactly one, which the transport enforces. */
  readonly requestStream: boolean;
  /** Headers are there, no message yet: the place to refuse (`call.finish`) and, with `requestStream`, to `call.pull()`. */
  onCall?(call: ServerCall): void;
  /**
   * One message. Without `requestStream` it comes once, when the client has ended its side. With it, once for every
   * message that was pulled. The octets may be kept.
   */
  onMessage(call: ServerCall, message: Buffer): void;
  /** With `requestStream`: the client has ended its side and every message was delivered. */
  onEnd?(call: ServerCall): void;
  /** After `sendMessage` returned false: there is room again. */
  onDrain?(call: ServerCall): void;
  /**
   * The transport is about to end the call: it is late, too large, or cannot be read. The place to `call.finish` with
   * more than this code and message; where that is not done, the transport ends it with just these, and `onCancel` follows.
   */
  onRefused?(call: ServerCall, code: number, message: string): void;
  /** The call ended before `finish`: cancelled, past its deadline, or its connection is gone. Nothing can be sent. */
  onCancel?(call: ServerCall): void;
}
