// Errors as the edge answers them: an HTTP status from the canonical code, and a body that programs can branch on.
// Source of the mapping: the comments of google/rpc/code.proto; of the body: AIP-193, JSON representation.
import { type Code, type ErrorDetails, RpcError } from '../../errors/rpc-error.ts';
import { toRpcError } from '../../errors/to-rpc-error.ts';

const statuses: Readonly<Record<Code, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** A detail in the JSON form of `google.protobuf.Any`. */
export interface DetailBody {
  readonly '@type': string;
  readonly [field: string]: unknown;
}

/** Body of an error. */
export interface ErrorBody {
  readonly error: {
    /** HTTP status. */
    readonly code: number;
    /** Canonical code: `NOT_FOUND`. */
    readonly status: Code;
    readonly message: string;
    readonly details: readonly DetailBody[];
  };
}

/** An error of HTTP itself whose status the canonical codes cannot say: 413, 415, 431. */
export class HttpError extends RpcError {
  readonly httpStatus: number;

  constructor(httpStatus: number, code: Code, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.httpStatus = httpStatus;
  }
}

/** HTTP status of an error. */
export function httpStatus(error: RpcError): number {
  return error instanceof HttpError ? error.httpStatus : statuses[error.code];
}

/** Status, headers and body that answer an error of any kind; an unknown one says "internal error" and no more. */
export function errorResponse(
  thrown: unknown,
  requestId: string,
): {
  readonly error: RpcError;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: ErrorBody;
} {
  const error = toRpcError(thrown);
  const status = httpStatus(error);
  const headers: Record<string, string> = {};
  const { retryDelayMs } = error.details;
  if (retryDelayMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryDelayMs / 1000)));
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  const details = detailBodies({ ...error.details, requestId });
  return {
    error,
    status,
    headers,
    body: { error: { code: status, status: error.code, message: error.message, details } },
  };
}

/** The details as `google.rpc` messages in JSON. */
function detailBodies(details: ErrorDetails): DetailBody[] {
  const bodies: DetailBody[] = [];
  const add = (type: string, fields: object): void => {
    bodies.push({ '@type': `type.googleapis.com/google.rpc.${type}`, ...fields });
  };
  const { reason, domain = 'fairlead', metadata = {}, fieldViolations = [], preconditionViolations = [] } = details;
  if (reason !== undefined && reason !== '') add('ErrorInfo', { reason, domain, metadata });
  if (fieldViolations.length > 0) add('BadRequest', { fieldViolations });
  if (preconditionViolations.length > 0) add('PreconditionFailure', { violations: preconditionViolations });
  if (details.resource !== undefined) {
    const { type, name, description = '' } = details.resource;
    add('ResourceInfo', { resourceType: type, resourceName: name, ...(description === '' ? {} : { description }) });
  }
  if (details.retryDelayMs !== undefined) add('RetryInfo', { retryDelay: `${details.retryDelayMs / 1000}s` });
  if (details.requestId !== undefined) add('RequestInfo', { requestId: details.requestId });
  return bodies;
}
