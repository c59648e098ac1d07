// Type-level view of the contracts: what a handler and a client look like for each of the four RPC kinds.
// The generated `Contracts` interface is the only input, so an undeclared call or a wrong field does not compile.
import type { Contracts, Messages } from '#proto/contracts.ts';

/** Full name of a gRPC service, for example `fairlead.payment.v1.PaymentService`. */
export type ContractName = keyof Contracts;

/** Full name of a message, for example `fairlead.order.v1.OrderEvent`. */
export type MessageName = keyof Messages;

/** The message that bears this full name. */
export type Message<N extends MessageName> = Messages[N];

/** Name of an RPC of a service as the contract spells it, for example `Charge`. */
export type RpcName<S extends ContractName> = keyof Contracts[S] & string;

/** How an RPC moves messages. */
export type RpcKind = 'unary' | 'serverStream' | 'clientStream' | 'bidiStream';

/** One RPC as the generator describes it. */
export interface RpcShape {
  readonly kind: RpcKind;
  readonly request: object;
  readonly response: object;
}

/**
 * What may be given where a message is sent: every field optional, at every depth. A field that is left out or null has
 * its proto3 default. Dates (`google.protobuf.Timestamp`) and bytes are taken whole.
 */
export type Init<T> = T extends Date | Uint8Array | string | number | boolean | undefined | null
  ? T
  : T extends readonly (infer E)[]
    ? readonly Init<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: Init<T[K]> | null | undefined }
      : T;

/** Requests of a client or bidirectional stream. */
export type Stream<T> = AsyncIterable<T>;

/** What a caller may pass as the requests of a stream. */
export type StreamSource<T> = Iterable<T> | AsyncIterable<T>;

/** A handler of one RPC: `async (request, context) => response`, streams as async iterables. */
export type HandlerOf<R, Context> = R extends {
  readonly kind: infer Kind;
  readonly request: infer Request;
  readonly response: infer Response;
}
  ? Kind extends 'unary'
    ? (request: Request, context: Context) => Promise<Init<Response>>
    : Kind extends 'serverStream'
      ? (request: Request, context: Context) => Stream<Init<Response>>
      : Kind extends 'clientStream'
        ? (requests: Stream<Request>, context: Context) => Promise<Init<Response>>
        : (requests: Stream<Request>, context: Context) => Stream<Init<Response>>
  : never;

/** The handlers of a whole service, keyed by RPC name with a small first letter (`charge` for `Charge`). */
export type HandlersOf<S extends ContractName, Context> = {
  readonly [M in RpcName<S> as Uncapitalize<M>]: HandlerOf<Contracts[S][M], Context>;
};

/** A client's method for one RPC. */
export type ClientMethodOf<R, Options> = R extends {
  readonly kind: infer Kind;
  readonly request: infer Request;
  readonly response: infer Response;
}
  ? Kind extends 'unary'
    ? (request: Init<Request>, options?: Options) => Promise<Response>
    : Kind extends 'serverStream'
      ? (request: Init<Request>, options?: Options) => Stream<Response>
      : Kind extends 'clientStream'
        ? (requests: StreamSource<Init<Request>>, options?: Options) => Promise<Response>
        : (requests: StreamSource<Init<Request>>, options?: Options) => Stream<Response>
  : never;

/** A client for the named methods of a service; a method that was not declared is not there. */
export type ClientOf<S extends ContractName, M extends RpcName<S>, Options> = {
  readonly [Name in M as Uncapitalize<Name>]: ClientMethodOf<Contracts[S][Name], Options>;
};

/**
 * A message made of a row, `{ ...row, total: ... }`: no field is forgotten, null stands for a default, members of a oneof
 * may be left out. Columns that are no fields of the message are not sent.
 */
export type Filled<T extends object> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: Init<T[K]> | null;
} & { readonly [K in keyof T as undefined extends T[K] ? K : never]?: Init<T[K]> | null | undefined };
