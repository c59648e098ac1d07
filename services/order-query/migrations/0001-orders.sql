-- The read model of orders. Nothing in it is the only copy: a rebuild empties both tables and reads the log again.
create table orders (
  order_id uuid primary key,
  user_id  uuid not null,
  status   text not null,
  sequence bigint not null
);
create index orders_of_user on orders (user_id, order_id desc);

-- The order as it was with each of its events, in the protobuf JSON of the contract's messages.
create table order_states (
  order_id  uuid not null,
  sequence  bigint not null,
  order_json     jsonb not null,
  milestone_json jsonb not null,
  primary key (order_id, sequence)
);
