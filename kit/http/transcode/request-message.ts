// The request message of a call from the parts of an HTTP request: body, path and query, in this order.
// What the path says, the body cannot contradict: a field that comes from the path is refused in the body.
import type protobuf from 'protobufjs';
import type { Codec } from '../../contract/codec.ts';
import { JsonError, jsonName, protoName } from '../../contract/json/message-json.ts';
import { type FieldViolation, RpcError } from '../../errors/rpc-error.ts';
import { type Capture, captured } from './path-template.ts';
import { isObject, type JsonObject, putText } from './text-value.ts';

/** How a binding maps HTTP to a message. */
export interface RequestBinding {
  readonly type: protobuf.Type;
  readonly codec: Codec;
  readonly captures: readonly Capture[];
  /** Field that takes the body, `*` for the whole message, empty for none. */
  readonly body: string;
}

/** What an HTTP request brings. */
export interface RequestParts {
  /** Route parameters by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Query parameters in the order in which they came. */
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined where there was no body. */
  readonly body: unknown;
}

/** Most query parameters that are looked at. */
const maxParameters = 256;

/**
 * The message.
 *
 * @throws RpcError INVALID_ARGUMENT that names the field
 */
export function requestMessage(binding: RequestBinding, parts: RequestParts): object {
  try {
    const json = bodyJson(binding, parts.body);
    for (const capture of binding.captures) {
      refuseInBody(binding, json, capture);
      putText(binding.type, json, capture.field, [captured(capture, parts.parameters)]);
    }
    putQuery(binding, json, parts.query);
    return binding.codec.fromJson(json);
  } catch (error) {
    if (error instanceof JsonError) throw invalid([{ field: error.path, description: error.message }]);
    throw error;
  }
}

/** An INVALID_ARGUMENT that names what is wrong. */
export function invalid(fieldViolations: readonly FieldViolation[]): RpcError {
  const [first] = fieldViolations;
  const where = first === undefined || first.field === '' ? '' : `${first.field}: `;
  return new RpcError('INVALID_ARGUMENT', `the request is not valid: ${where}${first?.description ?? ''}`, {
    reason: 'INVALID_REQUEST',
    fieldViolations,
  });
}

function bodyJson({ body: field, type }: RequestBinding, body: unknown): JsonObject {
  if (field === '') {
    if (body !== undefined) throw new JsonError('', 'this method takes no body');
    return {};
  }
  if (field === '*') {
    if (body === undefined) return {};
    if (!isObject(body))
      throw new JsonError('', `expected a JSON object, got ${body === null ? 'null' : kindOf(body)}`);
    return { ...body };
  }
  const target = type.fieldsArray.find((candidate) => protoName(candidate) === field);
  return body === undefined || target === undefined ? {} : { [jsonName(target)]: body };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function refuseInBody({ type }: RequestBinding, json: JsonObject, { field: names }: Capture): void {
  let target: unknown = json;
  for (const [index, name] of names.entries()) {
    if (!isObject(target)) return;
    const spelled = Object.keys(target).find((key) => key === name || key === camel(name));
    if (spelled === undefined) return;
    if (index === names.length - 1) {
      throw new JsonError(
        names.join('.'),
        `'${names.join('.')}' of ${type.name} is given by the path, not in the body`,
      );
    }
    target = target[spelled];
  }
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function putQuery({ type, body }: RequestBinding, json: JsonObject, query: URLSearchParams): void {
  if (query.size === 0) return;
  const names = new Set(query.keys());
  if (query.size > maxParameters) throw new JsonError('', `more than ${maxParameters} query parameters`);
  if (body === '*') {
    const [name = ''] = names;
    throw new JsonError(name, `query parameter '${name}': this method takes its fields from the body`);
  }
  for (const name of names) putText(type, json, name.split('.'), query.getAll(name));
}
