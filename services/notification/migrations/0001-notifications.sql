-- What users are told. position orders a user's notifications as they were committed; a stream goes on after one.
create table notifications (
  notification_id uuid primary key,
  position        bigint generated always as identity unique,
  user_id         uuid not null,
  kind            text not null,
  title           text not null,
  body            text not null,
  order_id        text not null,
  -- Listed and streamed; false where the user does not want that.
  in_app          boolean not null,
  -- By channel: { state, detail, updateTime }.
  deliveries      jsonb not null,
  created_at      timestamptz not null,
  read_at         timestamptz
);
create index notifications_of_user on notifications (user_id, position desc) where in_app;
create index notifications_unread on notifications (user_id) where in_app and read_at is null;

create table preferences (
  user_id     uuid primary key,
  channels    text[] not null,
  muted_kinds text[] not null,
  updated_at  timestamptz not null
);

-- The address book, from user events.
create table addresses (
  user_id      uuid primary key,
  email        text not null,
  display_name text not null
);
