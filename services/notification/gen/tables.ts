// Generated from services/notification/migrations by `npm run generate`. Do not edit.
import type { Generated, Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { Channel, DeliveryState, NotificationKind } from '#proto/fairlead/notification/v1/notification.ts';

/** The tables of the notification service, for Kysely. */
export interface NotificationTables {
  addresses: AddressesTable;
  notifications: NotificationsTable;
  preferences: PreferencesTable;
}

export interface AddressesTable {
  userId: string;
  email: string;
  displayName: string;
}

export type AddressesRow = Selectable<AddressesTable>;

export interface NotificationsTable {
  notificationId: string;
  position: Generated<number>;
  userId: string;
  kind: NotificationKind;
  title: string;
  body: string;
  orderId: string;
  inApp: boolean;
  deliveries: JsonColumn<{ [C in Channel]?: { state: DeliveryState; detail: string; updateTime: string } }>;
  createdAt: Date;
  readAt: Date | null;
}

export type NotificationsRow = Selectable<NotificationsTable>;

export interface PreferencesTable {
  userId: string;
  channels: Channel[];
  mutedKinds: NotificationKind[];
  updatedAt: Date;
}

export type PreferencesRow = Selectable<PreferencesTable>;
