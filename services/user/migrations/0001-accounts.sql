-- Accounts, logins with their refresh tokens, API keys, and the signing key of a development machine.
create table users (
  user_id          uuid primary key,
  email            text not null constraint users_email unique check (email = lower(email)),
  password_hash    text not null,
  display_name     text not null,
  locale           text not null,
  shipping_address jsonb,
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  revision         bigint not null
);

create table logins (
  login_id    uuid primary key,
  user_id     uuid not null references users,
  create_time timestamptz not null,
  revoke_time timestamptz
);

create table refresh_tokens (
  token_hash  bytea primary key,
  login_id    uuid not null references logins on delete cascade,
  expire_time timestamptz not null,
  use_time    timestamptz
);
create index refresh_tokens_of_login on refresh_tokens (login_id, expire_time);

create table api_keys (
  api_key_id    uuid primary key,
  user_id       uuid not null references users,
  display_name  text not null,
  prefix        text not null constraint api_keys_prefix unique,
  secret_hash   bytea not null,
  create_time   timestamptz not null,
  expire_time   timestamptz,
  last_use_time timestamptz,
  revoke_time   timestamptz
);
create index api_keys_of_user on api_keys (user_id, api_key_id desc);

-- One row at most: the key that was made because none was configured.
create table signing_keys (
  one         boolean primary key default true check (one),
  private_key text not null,
  create_time timestamptz not null
);
