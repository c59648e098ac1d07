// A service's contract at run time: its methods with codecs, kind, and what the contract's options say about each.
// Nothing here is typed per message; `shapes.ts` gives services the typed view of the same methods.
import type protobuf from 'protobufjs';
import { type Codec, codecIn } from './codec.ts';
import { type ContractSource, platformContracts } from './contract-source.ts';
import { customOption, type OptionFields, optionList, plainOption } from './options.ts';
import type { RpcKind } from './shapes.ts';

/** Circles of callers, see `fairlead.api.v1.Audience`. */
export type Audience = 'INTERNAL' | 'PARTNER' | 'PUBLIC';

/** Who may call a method, from the contract's `(fairlead.api.v1.access)`. */
export interface Access {
  /** The widest circle of callers; a method that does not say is internal. */
  readonly audience: Audience;
  /** No credential is needed. */
  readonly anonymous: boolean;
  /** The user needs one of these; empty: any user. */
  readonly roles: readonly string[];
}

/** One binding of a method to HTTP, from `google.api.http` and its `additional_bindings`. */
export interface HttpRule {
  /** `GET`, `PUT`, `POST`, `DELETE`, `PATCH`, or a custom verb. */
  readonly method: string;
  /** Path template: `/api/v2/orders/{id}:cancel`. */
  readonly path: string;
  /** Field that takes the body, `*` for the whole message, empty for none. */
  readonly body: string;
  /** Field of the response that is the body; empty for the whole message. */
  readonly responseBody: string;
}

/** `idempotency_level` of a method: what decides whether the mesh may retry it. */
export type Idempotency = 'UNKNOWN' | 'NO_SIDE_EFFECTS' | 'IDEMPOTENT';

/** One method of a contract. */
export interface ContractMethod {
  /** Full name of the service. */
  readonly service: string;
  /** Name as the contract spells it: `Charge`. */
  readonly rpc: string;
  /** `/fairlead.payment.v1.PaymentService/Charge` */
  readonly path: string;
  /** Key of the handler and of the client's method: `charge`. */
  readonly handlerName: string;
  readonly kind: RpcKind;
  readonly requestType: string;
  readonly responseType: string;
  readonly request: Codec;
  readonly response: Codec;
  readonly idempotency: Idempotency;
  readonly http: readonly HttpRule[];
  readonly access: Access;
  /** Comment of the method in the contract; empty where comments were not kept. */
  readonly comment: string;
}

/** A gRPC service as its contract declares it. */
export interface Contract {
  /** Full name: `fairlead.payment.v1.PaymentService`. */
  readonly name: string;
  /** File below `proto/` that declares it. */
  readonly file: string;
  readonly methods: readonly ContractMethod[];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function kindOf(method: protobuf.Method): RpcKind {
  if (method.requestStream) return method.responseStream ? 'bidiStream' : 'clientStream';
  return method.responseStream ? 'serverStream' : 'unary';
}

function accessOf(method: protobuf.Method): Access {
  const option = customOption(method, 'fairlead.api.v1.access');
  const audience = text(option?.audience).replace(/^AUDIENCE_/, '');
  return {
    audience: audience === 'PUBLIC' || audience === 'PARTNER' ? audience : 'INTERNAL',
    anonymous: option?.anonymous === true,
    roles: optionList(option?.roles).map(text),
  };
}

function httpRule(option: OptionFields): HttpRule[] {
  const bodies = { body: text(option.body), responseBody: text(option.response_body) };
  for (const verb of ['get', 'put', 'post', 'delete', 'patch']) {
    const path = option[verb];
    if (typeof path === 'string') return [{ method: verb.toUpperCase(), path, ...bodies }];
  }
  const custom = option.custom as OptionFields | undefined;
  return custom === undefined ? [] : [{ method: text(custom.kind), path: text(custom.path), ...bodies }];
}

function httpRulesOf(method: protobuf.Method): HttpRule[] {
  const option = customOption(method, 'google.api.http');
  if (option === undefined) return [];
  return [option, ...optionList(option.additional_bindings)].flatMap((rule) => httpRule(rule as OptionFields));
}

function idempotencyOf(method: protobuf.Method): Idempotency {
  const level = plainOption(method, 'idempotency_level');
  return level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT' ? level : 'UNKNOWN';
}

function methodOf(service: string, method: protobuf.Method, source: ContractSource): ContractMethod {
  method.resolve();
  const requestType = method.resolvedRequestType?.fullName.slice(1) ?? '';
  const responseType = method.resolvedResponseType?.fullName.slice(1) ?? '';
  return {
    service,
    rpc: method.name,
    path: `/${service}/${method.name}`,
    handlerName: method.name.charAt(0).toLowerCase() + method.name.slice(1),
    kind: kindOf(method),
    requestType,
    responseType,
    request: codecIn(source, requestType),
    response: codecIn(source, responseType),
    idempotency: idempotencyOf(method),
    http: httpRulesOf(method),
    access: accessOf(method),
    comment: method.comment?.trim() ?? '',
  };
}

const loaded = new WeakMap<ContractSource, Map<string, Contract>>();

/**
 * The contract of a service.
 *
 * @param service full name: `fairlead.payment.v1.PaymentService`
 * @throws Error when no contract declares the service
 */
export function loadContract(service: string, source: ContractSource = platformContracts): Contract {
  const contracts = loaded.get(source) ?? new Map<string, Contract>();
  loaded.set(source, contracts);
  let contract = contracts.get(service);
  if (contract === undefined) {
    const methods = source.service(service).methodsArray.map((method) => methodOf(service, method, source));
    contract = { name: service, file: source.fileOf(service), methods };
    contracts.set(service, contract);
  }
  return contract;
}
