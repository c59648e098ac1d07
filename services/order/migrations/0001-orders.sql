-- Orders as the writing side needs them. What others see of them leaves as events.
create table orders (
  order_id          uuid primary key,
  user_id           uuid not null,
  status            text not null check (status in ('ORDER_STATUS_PENDING', 'ORDER_STATUS_STOCK_RESERVED',
                      'ORDER_STATUS_PAID', 'ORDER_STATUS_SHIPMENT_SCHEDULED', 'ORDER_STATUS_IN_TRANSIT',
                      'ORDER_STATUS_DELIVERED', 'ORDER_STATUS_FAILED', 'ORDER_STATUS_CANCELLED')),
  -- Of the order's last event; the row is locked while one is added, so that no number is left out.
  sequence          bigint not null,
  items             jsonb not null,
  currency          text not null,
  total             bigint not null check (total >= 0),
  shipping_address  jsonb not null,
  -- Kept until the charge is settled either way, because a restarted process has to know it.
  payment_token     text,
  reservation_id    uuid,
  payment_id        uuid,
  shipment_id       uuid,
  refunded          bigint not null default 0 check (refunded between 0 and total),
  failure           jsonb,
  -- { sagaId, reason, userId }: somebody wants it called off, and it is not final yet.
  cancellation      jsonb,
  -- How far the carrier is; it may be ahead of the order while the saga is held up.
  carrier_state     text,
  created_at        timestamptz not null,
  updated_at        timestamptz not null
);
