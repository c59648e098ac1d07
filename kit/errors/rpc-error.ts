// The one error class of the platform: a canonical gRPC code, a message for people and typed details for programs.
// Anything else that a handler throws leaves as INTERNAL "internal error"; its cause goes to the log only.

/** Canonical status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html), without OK. */
export const codes = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** Name of a canonical status code other than OK. */
export type Code = keyof typeof codes;

/** One field that is wrong, as in `google.rpc.BadRequest.FieldViolation`. */
export interface FieldViolation {
  /** Path of the field in the request, in proto names: `items[0].quantity`. */
  readonly field: string;
  readonly description: string;
  /** Rule that was broken, UPPER_SNAKE_CASE. @default - none */
  readonly reason?: string;
}

/** One unmet condition, as in `google.rpc.PreconditionFailure.Violation`. */
export interface PreconditionViolation {
  readonly type: string;
  readonly subject: string;
  readonly description: string;
}

/** What an error is about, as in `google.rpc.ResourceInfo`. */
export interface Resource {
  /** Kind, snake_case: `api_key`. */
  readonly type: string;
  /** Its id; of several the ids with commas between. */
  readonly name: string;
  /** What is wrong with it. @default - the error's message says it */
  readonly description?: string;
}

/** Typed details of an error, the JSON view of the `google.rpc` messages in `grpc-status-details-bin`. */
export interface ErrorDetails {
  /** `google.rpc.ErrorInfo.reason`, UPPER_SNAKE_CASE, stable: programs branch on it. @default - none */
  readonly reason?: string;
  /** `google.rpc.ErrorInfo.domain`. @default 'fairlead' when there is a reason */
  readonly domain?: string;
  /** `google.rpc.ErrorInfo.metadata`. @default {} */
  readonly metadata?: Readonly<Record<string, string>>;
  /** `google.rpc.BadRequest.field_violations`. @default [] */
  readonly fieldViolations?: readonly FieldViolation[];
  /** `google.rpc.PreconditionFailure.violations`. @default [] */
  readonly preconditionViolations?: readonly PreconditionViolation[];
  /** `google.rpc.ResourceInfo`. @default - none */
  readonly resource?: Resource;
  /** `google.rpc.RetryInfo.retry_delay`, in milliseconds. @default - none */
  readonly retryDelayMs?: number;
  /** `google.rpc.RequestInfo.request_id`. @default - set by the kit on errors that leave a service */
  readonly requestId?: string;
}

/** Options of an {@link RpcError}. */
export interface RpcErrorOptions extends ErrorDetails {
  /** What went wrong underneath; logged, never sent. */
  readonly cause?: unknown;
}

const brand = Symbol.for('fairlead.RpcError');

/** An error with a canonical gRPC code, thrown by handlers and by clients alike. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: Code;
  readonly details: ErrorDetails;
  readonly [brand] = true;

  /**
   * @param code canonical code
   * @param message sentence for people that names the cause and, where there is one, the cure
   */
  constructor(code: Code, message: string, options: RpcErrorOptions = {}) {
    const { cause, ...details } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** True for an RpcError of any copy of the kit, with this code when one is given. */
  static is(value: unknown, code?: Code): value is RpcError {
    const ours = typeof value === 'object' && value !== null && brand in value;
    return ours && (code === undefined || (value as RpcError).code === code);
  }
}
