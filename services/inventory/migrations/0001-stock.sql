-- Stock by product, and pieces that are set aside for orders. The checks hold whatever the code does.
create table stock (
  product_id  uuid primary key,
  available   bigint not null constraint stock_available check (available >= 0),
  reserved    bigint not null constraint stock_reserved check (reserved >= 0),
  version     bigint not null,
  update_time timestamptz not null
);

create table reservations (
  reservation_id uuid primary key,
  order_id       uuid not null,
  items          jsonb not null,
  state          text not null check (state in ('HELD', 'COMMITTED', 'RELEASED', 'EXPIRED')),
  create_time    timestamptz not null,
  expire_time    timestamptz not null
);
create index reservations_held on reservations (expire_time) where state = 'HELD';
