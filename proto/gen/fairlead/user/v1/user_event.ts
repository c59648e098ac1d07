// Generated from proto/ by `npm run generate`. Do not edit.

/** Something happened to an account. Keyed by user id: events of one user arrive in order. */
export interface UserEvent {
  /** UUIDv7. */
  userId: string;
  /** 1 for a user's first event, then one more each time. */
  sequence: number;
  /** When it happened. */
  eventTime: Date | null;
  registered?: UserRegistered;
  updated?: UserUpdated;
  /** Name of the field of this oneof that is set. */
  event?: 'registered' | 'updated';
}

/** An account was made. */
export interface UserRegistered {
  email: string;
  displayName: string;
  /** BCP 47, or empty. */
  locale: string;
}

/** An account changed; the values are those after the change. */
export interface UserUpdated {
  email: string;
  displayName: string;
  /** BCP 47, or empty. */
  locale: string;
}
