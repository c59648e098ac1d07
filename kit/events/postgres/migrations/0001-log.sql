create schema event_log;

-- The next position of each partition. Its row lock puts appends in line, so that positions become visible in their order.
create table event_log.head (
  topic         text not null,
  partition     smallint not null,
  next_position bigint not null default 1,
  primary key (topic, partition)
);

create table event_log.event (
  topic       text not null,
  partition   smallint not null,
  position    bigint not null,
  id          uuid not null unique,
  type        text not null,
  key         text not null,
  payload     bytea not null,
  occurred_at timestamptz not null,
  appended_at timestamptz not null default now(),
  primary key (topic, partition, position)
);
create index event_age on event_log.event (appended_at);

create table event_log.consumer_group (
  name        text primary key,
  generation  integer not null default 0,
  rebuildable boolean not null default false
);

create table event_log.consumer (
  group_name text not null references event_log.consumer_group (name),
  topic      text not null,
  partition  smallint not null,
  -- Position of the last event that is done with.
  position   bigint not null default 0,
  -- Processes that took the partition over since the position last moved, and did not get on.
  starts     integer not null default 0,
  primary key (group_name, topic, partition)
);

create table event_log.parked_event (
  group_name text not null,
  event_id   uuid not null references event_log.event (id) on delete cascade,
  topic      text not null,
  partition  smallint not null,
  error      text not null,
  attempts   integer not null,
  parked_at  timestamptz not null default now(),
  -- To be delivered once more.
  released   boolean not null default false,
  primary key (group_name, event_id)
);
create index parked_event_released on event_log.parked_event (group_name, topic, partition) where released;

create function event_log.append(
  ids uuid[], topics text[], partitions smallint[], types text[], keys text[], payloads bytea[], times timestamptz[]
) returns void language plpgsql as $$
declare
  target record;
  next bigint;
  added bigint;
begin
  insert into event_log.head (topic, partition)
    select distinct * from unnest(topics, partitions) order by 1, 2
    on conflict do nothing;
  -- In one order for everybody: two appends never wait for each other.
  for target in select distinct * from unnest(topics, partitions) as t(topic, partition) order by 1, 2 loop
    select next_position into strict next from event_log.head h
      where h.topic = target.topic and h.partition = target.partition for update;
    insert into event_log.event (topic, partition, position, id, type, key, payload, occurred_at)
      select r.topic, r.partition, next - 1 + row_number() over (order by r.n),
             r.id, r.type, r.key, r.payload, r.occurred_at
      from unnest(ids, topics, partitions, types, keys, payloads, times)
        with ordinality as r(id, topic, partition, type, key, payload, occurred_at, n)
      where r.topic = target.topic and r.partition = target.partition
        and not exists (select from event_log.event e where e.id = r.id);
    get diagnostics added = row_count;
    update event_log.head h set next_position = next + added
      where h.topic = target.topic and h.partition = target.partition;
    perform pg_notify('event_log', target.topic || '/' || target.partition);
  end loop;
end $$;
