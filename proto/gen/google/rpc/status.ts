// Generated from proto/ by `npm run generate`. Do not edit.

/** A gRPC error with its typed details. */
export interface Status {
  /** A value of google.rpc.Code. */
  code: number;
  /** For developers, in English. */
  message: string;
  /** Messages of error_details.proto, packed. */
  details: ({ typeUrl: string; value: Uint8Array })[];
}
