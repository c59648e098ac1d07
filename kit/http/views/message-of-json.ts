// Messages from and to JSON for views, with the errors that a transcoded method would give.
import { codecOf } from '../../contract/codec.ts';
import { JsonError } from '../../contract/json/message-json.ts';
import type { Init, Message, MessageName } from '../../contract/shapes.ts';
import { invalid } from '../transcode/request-message.ts';

/**
 * A message from the body of a request.
 *
 * @throws RpcError INVALID_ARGUMENT that names the field
 */
export function messageOfJson<N extends MessageName>(name: N, json: unknown): Message<N> {
  try {
    return codecOf(name).fromJson(json ?? {});
  } catch (error) {
    if (error instanceof JsonError) throw invalid([{ field: error.path, description: error.message }]);
    throw error;
  }
}

/** The JSON of a message; null stays null. */
export function jsonOfMessage<N extends MessageName>(name: N, message: Init<Message<N>> | null | undefined): unknown {
  return message === null || message === undefined ? null : codecOf(name).toJson(message as Init<Message<N> & object>);
}
