-- Payments. The constraints hold whatever the code does: no more is given back than was taken.
create table payments (
  payment_id         uuid primary key,
  order_id           uuid not null,
  user_id            uuid not null,
  status             text not null check (status in ('PAYMENT_STATUS_CHARGED', 'PAYMENT_STATUS_DECLINED',
                       'PAYMENT_STATUS_PARTIALLY_REFUNDED', 'PAYMENT_STATUS_REFUNDED')),
  currency           text not null,
  amount             bigint not null check (amount > 0),
  refunded           bigint not null default 0 check (refunded between 0 and amount),
  decline_reason     text not null,
  charged_by_version text not null,
  -- { score, level, signals }, or null of payments that v1 charged.
  risk               jsonb,
  sequence           bigint not null,
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  check (status <> 'PAYMENT_STATUS_DECLINED' or refunded = 0)
);
create index payments_by_user on payments (user_id, created_at);
