-- Events that wait for their relay; written in the transaction of the change that they tell of.
create table fairlead.outbox (
  position    bigint generated always as identity primary key,
  id          uuid not null,
  type        text not null,
  key         text not null,
  payload     bytea not null,
  occurred_at timestamptz not null
);

-- Events that were handled, per rebuild of the read model; written in the transaction of their effects.
create table fairlead.handled_event (
  generation integer not null,
  event_id   uuid not null,
  handled_at timestamptz not null default now(),
  primary key (generation, event_id)
);
create index handled_event_age on fairlead.handled_event (handled_at);

-- The rebuild that this database holds the effects of.
create table fairlead.event_generation (
  one     boolean primary key default true check (one),
  current integer not null
);
insert into fairlead.event_generation (current) values (0);
