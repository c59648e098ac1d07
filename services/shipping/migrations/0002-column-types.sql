-- What the columns hold, for the generated table types.
comment on column shipments.address is 'fairlead.type.v1.Address | null';
comment on column shipments.state is 'fairlead.shipping.v1.ShipmentState';
comment on column shipment_states.state is 'fairlead.shipping.v1.ShipmentState';
