// The methods that an edge exposes and how: each `google.api.http` rule of each declared call that the contract opens.
// A method that is internal, or that the edge's manifest does not declare, has no path at all.
import protobuf from 'protobufjs';
import { type ContractMethod, loadContract } from '../../contract/contract.ts';
import { type ContractSource, platformContracts } from '../../contract/contract-source.ts';
import { jsonName, protoName } from '../../contract/json/message-json.ts';
import type { CallDeclarations } from '../../manifest.ts';
import { type Resume, resumeOf } from '../streams/resume.ts';
import { type PathTemplate, parsePathTemplate } from './path-template.ts';
import type { RequestBinding } from './request-message.ts';

/** One way to call one method over HTTP. */
export interface Binding {
  /** Key of the called service in the manifest's calls. */
  readonly service: string;
  readonly method: ContractMethod;
  readonly httpMethod: string;
  readonly template: PathTemplate;
  readonly request: RequestBinding;
  /** JSON of a response message as the client sees it. */
  readonly responseJson: (message: object) => unknown;
  /** How its stream is taken up. @default - it begins anew */
  readonly resume: Resume | undefined;
}

const verbs: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'PATCH']);

/**
 * All bindings of the declared calls.
 *
 * @throws TypeError when a rule does not fit its method
 */
export function bindingsOf(calls: CallDeclarations, source: ContractSource = platformContracts): Binding[] {
  return Object.entries(calls).flatMap(([service, { contract, methods }]) =>
    loadContract(contract, source)
      .methods.filter(({ rpc, access }) => methods.includes(rpc) && access.audience !== 'INTERNAL')
      .flatMap((method) => bindingsOfMethod(service, method, source)),
  );
}

function bindingsOfMethod(service: string, method: ContractMethod, source: ContractSource): Binding[] {
  const { kind, path, http } = method;
  if (http.length > 0 && (kind === 'clientStream' || kind === 'bidiStream')) {
    throw new TypeError(`${path}: a stream of requests cannot be bound to HTTP`);
  }
  const type = source.message(method.requestType);
  const response = source.message(method.responseType);
  return http.map((rule) => {
    if (!verbs.has(rule.method)) throw new TypeError(`${path}: HTTP method ${rule.method} is not supported`);
    const template = parsePathTemplate(rule.path);
    for (const { field } of template.captures) checkField(path, type, field);
    if (rule.body !== '' && rule.body !== '*') checkField(path, type, [rule.body]);
    if (rule.responseBody !== '') checkField(path, response, [rule.responseBody]);
    return {
      service,
      method,
      httpMethod: rule.method,
      template,
      request: { type, codec: method.request, captures: template.captures, body: rule.body },
      responseJson: responseJson(method, response, rule.responseBody),
      resume: kind === 'serverStream' ? resumeOf(type, response) : undefined,
    };
  });
}

function checkField(path: string, type: protobuf.Type, names: readonly string[]): void {
  let message: protobuf.Type | undefined = type;
  for (const name of names) {
    const field: protobuf.Field | undefined = message?.fieldsArray.find((candidate) => protoName(candidate) === name);
    if (field === undefined) throw new TypeError(`${path}: ${type.name} has no field '${names.join('.')}'`);
    const inner: protobuf.Type | protobuf.Enum | null = field.resolve().resolvedType;
    message = inner instanceof protobuf.Type ? inner : undefined;
  }
}

function responseJson(method: ContractMethod, type: protobuf.Type, body: string): (message: object) => unknown {
  if (body === '') return (message) => method.response.toJson(message);
  const field = type.fieldsArray.find((candidate) => protoName(candidate) === body);
  const name = field === undefined ? body : jsonName(field);
  const empty = field?.repeated === true ? [] : {};
  return (message) => (method.response.toJson(message) as Record<string, unknown>)[name] ?? empty;
}
