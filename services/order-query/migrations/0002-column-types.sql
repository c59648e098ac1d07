-- What the columns hold, for the generated table types.
comment on column orders.status is 'fairlead.order.v1.OrderStatus';
