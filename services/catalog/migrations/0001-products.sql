-- What is sold. Ids grow with time, so the primary key's index is also the order of listing.
create table products (
  product_id    uuid primary key,
  sku           text not null constraint products_sku unique,
  name          text not null,
  description   text not null,
  category      text not null,
  currency_code text not null,
  price_units   bigint not null check (price_units >= 0),
  create_time   timestamptz not null,
  update_time   timestamptz not null,
  revision      bigint not null
);
create index products_of_category on products (category, product_id);
