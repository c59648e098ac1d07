-- What the columns hold, for the generated table types.
comment on column orders.status is 'fairlead.order.v1.OrderStatus';
comment on column orders.items is 'fairlead.order.v1.OrderItem[]';
comment on column orders.shipping_address is 'fairlead.type.v1.Address | null';
comment on column orders.failure is 'fairlead.order.v1.OrderFailure';
-- Somebody wants the order called off.
comment on column orders.cancellation is 'fairlead.order.v1.OrderCancelled';
comment on column orders.carrier_state is 'fairlead.shipping.v1.ShipmentState';
