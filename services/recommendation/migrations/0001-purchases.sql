-- What was bought, and what was bought together; both are made from order events alone.
create table purchases (
  order_id      uuid not null,
  product_id    uuid not null,
  user_id       uuid not null,
  quantity      bigint not null,
  purchase_time timestamptz not null,
  primary key (order_id, product_id)
);
create index purchases_of_user on purchases (user_id, purchase_time desc);
create index purchases_by_time on purchases (purchase_time) include (product_id, quantity);

create table bought_together (
  product_id       uuid not null,
  other_product_id uuid not null,
  order_count      bigint not null check (order_count >= 0),
  primary key (product_id, other_product_id)
);
