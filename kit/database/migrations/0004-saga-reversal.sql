-- A saga that is to be undone although none of its steps failed: as soon as it has completed, or now if it has.
alter table fairlead.saga add column reversed boolean not null default false;
