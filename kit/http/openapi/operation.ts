// One method of a contract as an OpenAPI operation: what of its request is in the path, the query and the body.
import protobuf from 'protobufjs';
import type { Access, ContractMethod } from '../../contract/contract.ts';
import { jsonName, protoName } from '../../contract/json/message-json.ts';
import type { Binding } from '../transcode/binding.ts';
import { fieldRules, isRequired, type Schema } from './constraints.ts';
import { description, type Schemas } from './schemas.ts';

const scalarMessages = /^\.google\.protobuf\.(Timestamp|Duration|FieldMask)$/;

/** Deepest nesting of query parameters that is written out. */
const maxDepth = 2;

/** The operation of a binding. */
export function operation(binding: Binding, request: protobuf.Type, response: protobuf.Type, schemas: Schemas): Schema {
  const { method, template, request: rule } = binding;
  const taken = new Set(template.captures.map(({ field }) => field.join('.')));
  const parameters = [
    ...template.captures.map(({ field }) => pathParameter(request, field, schemas)),
    ...(rule.body === '*'
      ? []
      : queryParameters(request, { taken, body: rule.body, prefix: '', names: '' }, schemas, 0)),
  ];
  const body = bodyOf(request, rule.body, schemas);
  return {
    operationId: method.rpc,
    tags: [binding.service],
    ...aboutMethod(method),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: responses(method, schemas.message(response)),
    security: security(method.access),
  };
}

function aboutMethod({ comment }: ContractMethod): Schema {
  const text = comment.replace(/\s*\n\s*/g, ' ').trim();
  const end = text.search(/[.:](\s|$)/);
  return text === '' ? {} : { summary: end === -1 ? text : text.slice(0, end), description: text };
}

/** The answers of a method: its response, as a stream or not, and the error that any method may give. */
export function responses(method: { readonly kind: string }, schema: Schema): Schema {
  const stream = method.kind === 'serverStream';
  const content = stream
    ? { 'text/event-stream': { schema }, 'application/x-ndjson': { schema } }
    : { 'application/json': { schema } };
  return {
    200: { description: stream ? 'The messages, as they come.' : 'The answer.', content },
    default: errorReference,
  };
}

const errorReference: Schema = { $ref: '#/components/responses/Error' };

/** How a caller may prove who they are. */
export function security({ anonymous, audience }: Access): readonly Schema[] {
  const token = { accessToken: [] };
  const key = audience === 'PARTNER' ? [{ apiKey: [] }] : [];
  return anonymous ? [{}, token, ...key] : [token, ...key];
}

function fieldAt(type: protobuf.Type, names: readonly string[]): protobuf.Field | undefined {
  let message: protobuf.Type | undefined = type;
  let field: protobuf.Field | undefined;
  for (const name of names) {
    field = message?.fieldsArray.find((candidate) => protoName(candidate) === name);
    const inner: protobuf.Type | protobuf.Enum | null | undefined = field?.resolve().resolvedType;
    message = inner instanceof protobuf.Type ? inner : undefined;
  }
  return field;
}

function pathParameter(type: protobuf.Type, names: readonly string[], schemas: Schemas): Schema {
  const field = fieldAt(type, names);
  const { description: text, ...schema } = field === undefined ? { description: '' } : schemas.field(field);
  return { name: names.join('.'), in: 'path', required: true, description: text, schema };
}

interface QueryPlace {
  /** Fields that the path takes, in proto names. */
  readonly taken: ReadonlySet<string>;
  /** Field that the body takes. */
  readonly body: string;
  /** Proto names down to here with a dot, and the same in JSON names. */
  readonly prefix: string;
  readonly names: string;
}

function queryParameters(type: protobuf.Type, place: QueryPlace, schemas: Schemas, depth: number): Schema[] {
  return type.fieldsArray.flatMap((field) => {
    const path = place.prefix + protoName(field);
    if (place.taken.has(path) || path === place.body || field instanceof protobuf.MapField) return [];
    const name = place.names + jsonName(field);
    const inner = field.resolve().resolvedType;
    if (inner instanceof protobuf.Type && !scalarMessages.test(inner.fullName)) {
      if (field.repeated || depth === maxDepth) return [];
      const below = { ...place, prefix: `${path}.`, names: `${name}.` };
      return queryParameters(inner, below, schemas, depth + 1);
    }
    const { description: text, ...schema } = schemas.field(field);
    const required = isRequired(fieldRules(field)) ? { required: true } : {};
    return [{ name, in: 'query', ...(text === undefined ? {} : { description: text }), ...required, schema }];
  });
}

function bodyOf(request: protobuf.Type, body: string, schemas: Schemas): Schema | undefined {
  if (body === '') return undefined;
  if (body === '*') return schemas.message(request);
  const field = fieldAt(request, [body]);
  return field === undefined ? undefined : { ...schemas.field(field), ...description(field) };
}
