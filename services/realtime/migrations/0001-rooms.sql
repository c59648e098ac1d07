-- Rooms and what was said in them. A room's row is locked while a message takes its number.
create table rooms (
  room_id       text primary key,
  last_sequence bigint not null
);

create table messages (
  room_id        text not null references rooms,
  sequence       bigint not null,
  message_id     uuid not null unique,
  author_id      uuid not null,
  author_name    text not null,
  author_support boolean not null,
  text           text not null,
  created_at     timestamptz not null default clock_timestamp(),
  primary key (room_id, sequence)
);

-- Who is in which room now, a row for each conversation. A replica that died leaves rows that nobody sees to.
create table presences (
  conversation_id uuid not null,
  room_id         text not null,
  replica_id      uuid not null,
  user_id         uuid not null,
  display_name    text not null,
  support         boolean not null,
  seen_at         timestamptz not null default now(),
  primary key (conversation_id, room_id)
);
create index presences_of_room on presences (room_id);
create index presences_of_replica on presences (replica_id);

-- Names, from user events.
create table people (
  user_id      uuid primary key,
  display_name text not null
);
