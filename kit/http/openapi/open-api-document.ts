// The OpenAPI 3.1 document of an edge, made from the contracts at the first question.
// Contracts are parsed anew for it, with comments and validation rules, and let go again: a running edge needs neither.
import type protobuf from 'protobufjs';
import { sources } from '#proto/sources.ts';
import { loadRoot } from '../../contract/proto-root.ts';
import type { ServiceManifest } from '../../manifest.ts';
import type { Binding } from '../transcode/binding.ts';
import { parsePathTemplate } from '../transcode/path-template.ts';
import type { View } from '../views/view.ts';
import type { Schema } from './constraints.ts';
import { operation, responses, security } from './operation.ts';
import { Schemas } from './schemas.ts';

/** What the document describes. */
export interface OpenApiOptions<M extends ServiceManifest> {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly bindings: readonly Binding[];
  readonly views: readonly View<M>[];
}

/** Makes the document. */
export function openApiDocument<M extends ServiceManifest>(options: OpenApiOptions<M>): Schema {
  const { title, description, version, bindings, views } = options;
  const root = commentedRoot(options);
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Schema>> = {};
  const add = (path: string, method: string, entry: Schema): void => {
    const item = paths[path] ?? {};
    item[method.toLowerCase()] = entry;
    paths[path] = item;
  };
  for (const binding of bindings) {
    const { method, template, httpMethod } = binding;
    const comment = commentOf(root, method.service, method.rpc);
    const described = { ...binding, method: { ...method, comment } };
    const request = root.lookupType(method.requestType);
    add(template.openApi, httpMethod, operation(described, request, root.lookupType(method.responseType), schemas));
  }
  for (const view of views) add(parsePathTemplate(view.path).openApi, view.method, viewOperation(view, root, schemas));
  return {
    openapi: '3.1.1',
    info: { title, description, version },
    security: [{ accessToken: [] }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: { ...schemas.all(), Error: errorSchema },
      responses: {
        Error: { description: 'What went wrong.', content: { 'application/json': { schema: reference('Error') } } },
      },
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}

function commentedRoot<M extends ServiceManifest>({ bindings, views }: OpenApiOptions<M>): protobuf.Root {
  const names = views.flatMap(({ body, parts }) => [body ?? [], ...Object.values(parts)].flat());
  const files = [...bindings.map(({ method }) => method.service), ...names].flatMap((name) => sources[name] ?? []);
  return loadRoot([...new Set(files)]);
}

function commentOf(root: protobuf.Root, service: string, rpc: string): string {
  return root.lookupService(service).methods[rpc]?.comment ?? '';
}

function viewOperation<M extends ServiceManifest>(view: View<M>, root: protobuf.Root, schemas: Schemas): Schema {
  const properties = Object.entries(view.parts).map(([name, part]) => {
    const message = (type: string): Schema => schemas.message(root.lookupType(type));
    return [name, typeof part === 'string' ? message(part) : { type: 'array', items: message(part[0]) }] as const;
  });
  const partial = {
    type: 'array',
    items: { type: 'string' },
    description: 'Parts that are left out because they failed.',
  };
  const schema = { type: 'object', properties: { ...Object.fromEntries(properties), partial }, required: ['partial'] };
  const parameters = parsePathTemplate(view.path).captures.map(({ field }) => ({
    name: field.join('.'),
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const body = view.body === undefined ? undefined : schemas.message(root.lookupType(view.body));
  return {
    tags: ['views'],
    summary: view.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: responses({ kind: 'unary' }, schema),
    security: security(view.access),
  };
}

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const errorSchema: Schema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'status', 'message', 'details'],
      properties: {
        code: { type: 'integer', description: 'The HTTP status.' },
        status: { type: 'string', description: 'The canonical code.', examples: ['NOT_FOUND'] },
        message: { type: 'string' },
        details: {
          type: 'array',
          items: { type: 'object', required: ['@type'], properties: { '@type': { type: 'string' } } },
          description:
            'google.rpc details: ErrorInfo with a stable `reason`, BadRequest, PreconditionFailure, RetryInfo, RequestInfo.',
        },
      },
    },
  },
};
