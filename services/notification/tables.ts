// Kysely table interface of the notification database, see migrations/.
// A delivery row is one channel of one notification; PENDING rows are the courier's queue.
import type { Generated, GeneratedAlways, Selectable } from 'kysely';
import type { Channel, DeliveryState, NotificationKind } from '#proto/fairlead/notification/v1/notification.ts';

export interface NotificationTables {
  notifications: NotificationsTable;
  deliveries: DeliveriesTable;
  preferences: PreferencesTable;
  addresses: AddressesTable;
}

export interface NotificationsTable {
  notification_id: string;
  position: GeneratedAlways<number>;
  user_id: string;
  kind: NotificationKind;
  title: string;
  body: string;
  order_id: string;
  in_app: boolean;
  created_at: Date;
  read_at: Date | null;
}

export type NotificationRow = Selectable<NotificationsTable>;

export interface DeliveriesTable {
  notification_id: string;
  channel: Channel;
  state: DeliveryState;
  detail: Generated<string>;
  attempts: Generated<number>;
  next_attempt_at: Date | null;
  updated_at: Date;
}

export type DeliveryRow = Selectable<DeliveriesTable>;

export interface PreferencesTable {
  user_id: string;
  channels: Channel[];
  muted_kinds: NotificationKind[];
  updated_at: Date;
}

export interface AddressesTable {
  user_id: string;
  email: string;
  display_name: string;
}
