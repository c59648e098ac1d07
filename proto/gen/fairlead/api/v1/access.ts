// Generated from proto/ by `npm run generate`. Do not edit.

/**
 * Who may call a method. Which service may call it is not said here: that follows from the
 * calls that the services' manifests declare.
 */
export interface Access {
  /** The widest circle of callers. */
  audience: Audience;
  /**
   * No credential is needed: registering, logging in, looking at products. A credential that is
   * sent all the same must be valid.
   */
  anonymous: boolean;
  /** The user needs at least one of these roles. Empty: any user. */
  roles: string[];
}

/** Circles of callers. Other services of the platform belong to each of them. */
export type Audience =
  | 'AUDIENCE_UNSPECIFIED'
  | 'AUDIENCE_INTERNAL'
  | 'AUDIENCE_PARTNER'
  | 'AUDIENCE_PUBLIC';
