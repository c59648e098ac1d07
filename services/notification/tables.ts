// Kysely table interface of the notification database, see migrations/.
// A delivery row is one channel of one notification; PENDING rows are the worker's queue.
import type { Generated } from 'kysely';
import type { Channel, DeliveryState, NotificationKind } from '#proto/fairlead/notification/v1/notification.ts';

export interface NotificationTables {
  notifications: NotificationRow;
  deliveries: DeliveryRow;
  preferences: PreferencesRow;
  addresses: AddressRow;
}

export interface NotificationRow {
  notification_id: string;
  user_id: string;
  kind: NotificationKind;
  title: string;
  body: string;
  order_id: string;
  created_at: Date;
  read_at: Date | null;
}

export interface DeliveryRow {
  notification_id: string;
  channel: Channel;
  state: DeliveryState;
  detail: string;
  attempts: Generated<number>;
  next_attempt_at: Date | null;
  updated_at: Date;
}

export interface PreferencesRow {
  user_id: string;
  channels: Channel[];
  muted_kinds: NotificationKind[];
  updated_at: Date;
}

export interface AddressRow {
  user_id: string;
  email: string;
  display_name: string;
}
