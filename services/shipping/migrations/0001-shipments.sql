-- Shipments, and each state that one came into. next_step_at is null in a final state.
create table shipments (
  shipment_id           uuid primary key,
  order_id              uuid not null,
  user_id               uuid not null,
  address               jsonb not null,
  tracking_number       text not null unique,
  estimated_delivery_at timestamptz not null,
  state                 text not null check (state in ('SHIPMENT_STATE_SCHEDULED', 'SHIPMENT_STATE_PACKED',
                          'SHIPMENT_STATE_IN_TRANSIT', 'SHIPMENT_STATE_OUT_FOR_DELIVERY', 'SHIPMENT_STATE_DELIVERED',
                          'SHIPMENT_STATE_CANCELLED')),
  sequence              bigint not null,
  next_step_at          timestamptz,
  created_at            timestamptz not null,
  updated_at            timestamptz not null
);
create index shipments_due on shipments (next_step_at) where next_step_at is not null;

create table shipment_states (
  shipment_id uuid not null references shipments,
  sequence    bigint not null,
  state       text not null,
  entered_at  timestamptz not null,
  primary key (shipment_id, sequence)
);
