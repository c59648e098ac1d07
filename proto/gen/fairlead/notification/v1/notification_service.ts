// Generated from proto/ by `npm run generate`. Do not edit.
import type { Notification, NotificationKind, Preferences } from './notification.ts';

/** Asks to tell a user something. */
export interface SendRequest {
  /** Names this notification (AIP-155). */
  requestId: string;
  userId: string;
  kind: NotificationKind;
  /** One line of plain text. */
  title: string;
  /** Plain text. */
  body: string;
  /** The order that it is about; empty if it is about none. */
  orderId: string;
}

/** What was sent. */
export interface SendResponse {
  notification: Notification | null;
}

/** Asks for a page of notifications. */
export interface ListNotificationsRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** At most this many; 0: the service's default. */
  pageSize: number;
  /** From the last answer's `next_page_token`, with the same filter; empty: from the start. */
  pageToken: string;
  /** Only those that the user has not read. */
  unreadOnly: boolean;
}

/** One page of notifications. */
export interface ListNotificationsResponse {
  notifications: Notification[];
  /** Empty: this was the last page. */
  nextPageToken: string;
  /** On all pages together. */
  totalSize: number;
  /** Unread ones, whatever the filter. */
  unreadSize: number;
}

/** Names notifications that were read. */
export interface MarkReadRequest {
  notificationIds: string[];
}

/** What came of it. */
export interface MarkReadResponse {
  /** How many were unread before. */
  markedCount: number;
  /** How many are unread now. */
  unreadSize: number;
}

/** Asks to be told as it happens. */
export interface StreamNotificationsRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** First those that came after this one, to go on where a stream broke off; empty: from now. */
  afterNotificationId: string;
}

/** The next notification. */
export interface StreamNotificationsResponse {
  notification: Notification | null;
}

/** Asks for preferences. */
export interface GetPreferencesRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
}

/** The preferences. */
export interface GetPreferencesResponse {
  preferences: Preferences | null;
}

/** Changes preferences. */
export interface UpdatePreferencesRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** The new values. */
  preferences: Preferences | null;
  /**
   * Fields to change; a named field without a value is cleared (AIP-134). Absent or empty: the
   * fields that have a value.
   */
  updateMask: { paths: string[] } | null;
}

/** The preferences as they are now. */
export interface UpdatePreferencesResponse {
  preferences: Preferences | null;
}
