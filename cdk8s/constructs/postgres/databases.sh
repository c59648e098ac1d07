# Makes a role and a database of its own for each service, named like the files of passwords; safe to run at every start.
# A role may connect to its own database only.
set -eu
# User and database are named, since the defaults of both are errors for a user without an entry in passwd.
tries=0
until pg_isready --quiet --host 127.0.0.1 --port 5432 --username postgres --dbname postgres; do
  tries=$((tries + 1))
  # Kubernetes shows nothing of a hook that hangs; one that fails is an event, and the container starts again.
  if [ "$tries" -ge 90 ]; then echo "PostgreSQL does not answer on 127.0.0.1:5432" >&2; exit 1; fi
  sleep 1
done
for file in /etc/fairlead/passwords/*; do
  name=$(basename "$file")
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set name="$name" --set password="$(cat "$file")" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
