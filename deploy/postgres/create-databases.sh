#!/bin/sh
# A database and a role for every service, and the role "operations", which may act as any of them.
#
# PostgreSQL's image runs this at the first start. It can be run again at any time, for a new service or for new
# passwords: docker-compose exec postgres sh /docker-entrypoint-initdb.d/create-databases.sh
set -eu

# Where the server listens during the first start, the image may have said without exporting it.
[ -z "${PGHOST:-}" ] || export PGHOST

sql() { psql -v ON_ERROR_STOP=1 -qAt -U "${POSTGRES_USER:-postgres}" -d postgres "$@"; }

# The passwords are read by psql itself, so that no process list shows them.
SERVICE=operations && export SERVICE
sql <<'SQL'
-- The superuser gets no password: administration is done inside the container, over its socket.
ALTER ROLE CURRENT_USER PASSWORD NULL;
\getenv service SERVICE
\set password `cat "/run/secrets/${SERVICE}_database_password"`
SELECT format('CREATE ROLE %I LOGIN', :'service')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" PASSWORD :'password';
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
SQL

for secret in /run/secrets/*_database_password; do
    SERVICE=$(basename "$secret" _database_password)
    [ "$SERVICE" != operations ] || continue
    # Code points as the order of texts: the same everywhere and for ever, so an index never goes stale with an
    # upgrade of the system's locales.
    sql <<'SQL'
\getenv service SERVICE
\set password `cat "/run/secrets/${SERVICE}_database_password"`
\set database shouhou_ :service
SELECT format('CREATE ROLE %I LOGIN', :'service')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' '
              'LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C''', :'database', :'service')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
-- What operations makes there (a rebuilt view) belongs to the service.
GRANT :"service" TO operations;
ALTER ROLE operations IN DATABASE :"database" SET role = :"service";
SQL
done

# Who may read what is published for dashboards (the schema dashboard of reporting's database), and nothing else; what
# it may read there, reporting itself grants.
sql <<'SQL'
\set password `cat /run/secrets/dashboard_database_reader 2>/dev/null`
SELECT 'CREATE ROLE dashboard' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dashboard') \gexec
ALTER ROLE dashboard LOGIN CONNECTION LIMIT 20 PASSWORD :'password';
ALTER ROLE dashboard SET default_transaction_read_only = on;
ALTER ROLE dashboard SET statement_timeout = '30s';
ALTER ROLE dashboard SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE dashboard SET transaction_timeout = '60s';
ALTER ROLE dashboard SET search_path = dashboard;
SQL
