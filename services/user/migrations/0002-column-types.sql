-- What the columns hold, for the generated table types.
comment on column users.shipping_address is 'fairlead.type.v1.Address';
