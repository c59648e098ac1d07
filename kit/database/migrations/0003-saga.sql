-- Sagas: what is done, what comes next, and which process works on it until when.
create table fairlead.saga (
  id          uuid primary key,
  name        text not null,
  state       jsonb not null,
  status      text not null check (status in ('RUNNING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED')),
  -- Running: index of the step to run. Compensating: index of the step to compensate.
  step        integer not null,
  -- Failed tries of that step so far.
  attempt     integer not null default 0,
  error       jsonb,
  owner       uuid,
  lease_until timestamptz,
  next_run_at timestamptz not null default now(),
  created_at  timestamptz not null default now(),
  finished_at timestamptz
);
create index saga_open on fairlead.saga (next_run_at) where status in ('RUNNING', 'COMPENSATING');
create index saga_finished on fairlead.saga (finished_at) where finished_at is not null;
