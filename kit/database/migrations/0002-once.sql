-- Responses by request id (AIP-155). A row without a response exists inside the transaction that works on it only.
create table fairlead.once (
  principal    text not null,
  method       text not null,
  request_id   text not null,
  request_hash bytea not null,
  response     bytea,
  created_at   timestamptz not null default now(),
  primary key (principal, method, request_id)
);
create index once_age on fairlead.once (created_at);
