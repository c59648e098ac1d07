// Generated from proto/ by `npm run generate`. Do not edit.

/** Something that a user was told. */
export interface Notification {
  /** UUIDv7. */
  notificationId: string;
  /** UUIDv7. */
  userId: string;
  kind: NotificationKind;
  /** One line of plain text. */
  title: string;
  /** Plain text. */
  body: string;
  /** The order that it is about. UUIDv7; empty if it is about none. */
  orderId: string;
  /** How it went out, a line for each channel. */
  deliveries: Delivery[];
  /** When it was made. */
  createTime: Date | null;
  /** When the user read it; absent: not yet. */
  readTime: Date | null;
}

/** How a notification went out by one channel. */
export interface Delivery {
  channel: Channel;
  state: DeliveryState;
  /** Why it failed or was left out; for operators. */
  detail: string;
  /** When it came into this state. */
  updateTime: Date | null;
}

/** How a user wants to be told. */
export interface Preferences {
  /** UUIDv7; set by the service. */
  userId: string;
  /** Used for whatever is not muted. Empty: told nothing. */
  channels: Channel[];
  /** Never told of these. */
  mutedKinds: NotificationKind[];
  /** When they last changed; set by the service. */
  updateTime: Date | null;
}

/** Ways to tell a user something. */
export type Channel =
  | 'CHANNEL_UNSPECIFIED'
  | 'CHANNEL_EMAIL'
  | 'CHANNEL_IN_APP'
  | 'CHANNEL_LOG';

/** How far one channel has come. */
export type DeliveryState =
  | 'DELIVERY_STATE_UNSPECIFIED'
  | 'DELIVERY_STATE_PENDING'
  | 'DELIVERY_STATE_SENT'
  | 'DELIVERY_STATE_FAILED'
  | 'DELIVERY_STATE_SKIPPED';

/** What a notification is about. */
export type NotificationKind =
  | 'NOTIFICATION_KIND_UNSPECIFIED'
  | 'NOTIFICATION_KIND_WELCOME'
  | 'NOTIFICATION_KIND_ORDER_CONFIRMED'
  | 'NOTIFICATION_KIND_ORDER_SHIPPED'
  | 'NOTIFICATION_KIND_ORDER_DELIVERED'
  | 'NOTIFICATION_KIND_ORDER_FAILED'
  | 'NOTIFICATION_KIND_ORDER_CANCELLED'
  | 'NOTIFICATION_KIND_PAYMENT_CHARGED'
  | 'NOTIFICATION_KIND_PAYMENT_DECLINED'
  | 'NOTIFICATION_KIND_PAYMENT_REFUNDED'
  | 'NOTIFICATION_KIND_MESSAGE';
