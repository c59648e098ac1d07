// Generated from proto/ by `npm run generate`. Do not edit.

/** What travels with every call. */
export interface RequestMetadata {
  /** Names one request from the edge to the last service; `x-request-id` in the metadata. */
  requestId: string;
  /**
   * On whose behalf the call is made, from the verified token in `authorization`.
   * Absent where nobody is logged in.
   */
  user: UserContext | null;
  /** Address of the outside caller as the gateway saw it; `x-forwarded-for` in the metadata. */
  clientAddress: string;
  /** Program of the outside caller; `user-agent` at the edge. */
  userAgent: string;
  /** W3C trace context, `traceparent` in the metadata. */
  traceparent: string;
  /** When the edge received the request. */
  receiveTime: Date | null;
}

/**
 * The user on whose behalf a call is made. Always from a verified credential, never from a
 * request field.
 */
export interface UserContext {
  /** UUIDv7. */
  userId: string;
  /** `customer`, `support`, `admin`, `partner`. */
  roles: string[];
  /** How the user proved who they are. */
  credentialKind: CredentialKind;
  /** The API key, if one was used. UUIDv7; its id, never its secret. */
  apiKeyId: string;
  /** When the credential stops being valid. */
  expireTime: Date | null;
}

/** How a user proved who they are. */
export type CredentialKind =
  | 'CREDENTIAL_KIND_UNSPECIFIED'
  | 'CREDENTIAL_KIND_ACCESS_TOKEN'
  | 'CREDENTIAL_KIND_API_KEY';
