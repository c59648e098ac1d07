// Generated from proto/ by `npm run generate`. Do not edit.

/** The cause, readable by a program. */
export interface ErrorInfo {
  /** Upper snake case, stable, such as `REFRESH_TOKEN_REUSED`. */
  reason: string;
  /** Who defines the reason, such as `user.fairlead`. */
  domain: string;
  /** Values that the message mentions, by name. */
  metadata: Record<string, string>;
}

/** When it is worth trying again. */
export interface RetryInfo {
  /** Wait at least this long. */
  retryDelay: { seconds: number; nanos: number } | null;
}

/** For developers only; never leaves the platform. */
export interface DebugInfo {
  stackEntries: string[];
  detail: string;
}

/** Which limit was exceeded. */
export interface QuotaFailure {
  violations: QuotaFailure_Violation[];
}

/** One exceeded limit. */
export interface QuotaFailure_Violation {
  /** Whose limit, such as `user:<id>` or `address:<ip>`. */
  subject: string;
  description: string;
  apiService: string;
  quotaMetric: string;
  quotaId: string;
  quotaDimensions: Record<string, string>;
  quotaValue: number;
  futureQuotaValue?: number;
}

/** What has to be true first, and is not. */
export interface PreconditionFailure {
  violations: PreconditionFailure_Violation[];
}

/** One condition that does not hold. */
export interface PreconditionFailure_Violation {
  /** Upper snake case kind of the condition, such as `OUT_OF_STOCK`. */
  type: string;
  /** What it is about, such as a product id. */
  subject: string;
  description: string;
}

/** Which request fields are wrong. */
export interface BadRequest {
  fieldViolations: BadRequest_FieldViolation[];
}

/** One wrong field. */
export interface BadRequest_FieldViolation {
  /** Path from the request, such as `items[2].quantity`. */
  field: string;
  description: string;
  /** Upper snake case kind of the fault, stable. */
  reason: string;
  localizedMessage: LocalizedMessage | null;
}

/** Which request it was, to be quoted when reporting the error. */
export interface RequestInfo {
  requestId: string;
  servingData: string;
}

/** Which resource the error is about. */
export interface ResourceInfo {
  resourceType: string;
  resourceName: string;
  owner: string;
  description: string;
}

/** Where to read on. */
export interface Help {
  links: Help_Link[];
}

/** One page. */
export interface Help_Link {
  description: string;
  url: string;
}

/** A message for the end user. */
export interface LocalizedMessage {
  /** BCP 47, such as `en-GB`. */
  locale: string;
  message: string;
}
