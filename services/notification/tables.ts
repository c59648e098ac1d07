// Kysely table interface of the notification database, see migrations/.
// Deliveries are kept by channel within their notification; a saga each carries those that are PENDING.
import type { ColumnType, GeneratedAlways, Selectable } from 'kysely';
import type { Channel, DeliveryState, NotificationKind } from '#proto/fairlead/notification/v1/notification.ts';

export interface NotificationTables {
  notifications: NotificationsTable;
  preferences: PreferencesTable;
  addresses: AddressesTable;
}

/** How far one channel has come. */
export interface StoredDelivery {
  readonly state: DeliveryState;
  readonly detail: string;
  /** ISO 8601. */
  readonly updateTime: string;
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
  deliveries: ColumnType<Partial<Record<Channel, StoredDelivery>>, string, never>;
  created_at: Date;
  read_at: Date | null;
}

export type NotificationRow = Selectable<NotificationsTable>;

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
