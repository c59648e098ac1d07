-- What the columns hold, for the generated table types.
comment on column notifications.kind is 'fairlead.notification.v1.NotificationKind';
comment on column notifications.deliveries is
  '{ [C in fairlead.notification.v1.Channel]?: { state: fairlead.notification.v1.DeliveryState; detail: string; updateTime: string } }';
comment on column preferences.channels is 'fairlead.notification.v1.Channel[]';
comment on column preferences.muted_kinds is 'fairlead.notification.v1.NotificationKind[]';
