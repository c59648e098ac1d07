// gRPC's status codes and Envoy's two mappings between them and HTTP status codes.
// Sources: grpc/doc/statuscodes.md, grpc/doc/http-grpc-status-mapping.md, Envoy source/common/grpc/status.cc.

import { Status } from '#transport';

export const GRPC_STATUS = Status;

export type GrpcStatusName = keyof typeof GRPC_STATUS;

const NAMES = Object.keys(GRPC_STATUS) as GrpcStatusName[];

export function grpcStatusName(code: number): GrpcStatusName {
  return NAMES[code] ?? 'UNKNOWN';
}

/** What a gRPC caller sees when a proxy answers with an HTTP status of its own. */
export function httpToGrpcStatus(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
      return GRPC_STATUS.INTERNAL;
    case 401:
      return GRPC_STATUS.UNAUTHENTICATED;
    case 403:
      return GRPC_STATUS.PERMISSION_DENIED;
    case 404:
      return GRPC_STATUS.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return GRPC_STATUS.UNAVAILABLE;
    default:
      return GRPC_STATUS.UNKNOWN;
  }
}

const HTTP_OF_GRPC: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];

/** How outlier detection counts a gRPC status: as the HTTP status that it stands for. */
export function grpcToHttpStatus(grpcStatus: number): number {
  return HTTP_OF_GRPC[grpcStatus] ?? 500;
}
