// How a stream is taken up where it broke off: a request with `after_<key>`, answered with a message that has `<key>`.
// The key is the id of each server-sent event; a browser that connects anew sends the last one as Last-Event-ID.
import protobuf from 'protobufjs';
import { protoName } from '../../contract/json/message-json.ts';

/** How one method's stream is taken up. */
export interface Resume {
  /** Field of the request, in proto's spelling: `after_sequence`. */
  readonly field: string;
  /** Id of a response; undefined where it has none. */
  id(message: object): string | undefined;
}

const prefix = 'after_';

/** Undefined where the contract has no such pair of fields. */
export function resumeOf(request: protobuf.Type, response: protobuf.Type): Resume | undefined {
  const after = request.fieldsArray.map(protoName).find((name) => name.startsWith(prefix));
  if (after === undefined) return undefined;
  const key = after.slice(prefix.length);
  for (const part of response.fieldsArray) {
    const { resolvedType } = part.resolve();
    if (part.repeated || !(resolvedType instanceof protobuf.Type)) continue;
    const field = resolvedType.fieldsArray.find((candidate) => protoName(candidate) === key);
    if (field === undefined) continue;
    return {
      field: after,
      id(message) {
        const inner = (message as Readonly<Record<string, Readonly<Record<string, unknown>> | null>>)[part.name];
        const value = inner?.[field.name];
        return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
      },
    };
  }
  return undefined;
}

/** The query of a request with what its Last-Event-ID says, which is newer than what its URL says. */
export function resumedQuery(query: URLSearchParams, resume: Resume, lastEventId: string): URLSearchParams {
  const resumed = new URLSearchParams(query);
  resumed.delete(resume.field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
  resumed.set(resume.field, lastEventId);
  return resumed;
}
