-- What the columns hold, for the generated table types.
comment on column reservations.items is 'fairlead.inventory.v1.StockItem[]';
