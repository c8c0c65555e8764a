#!/bin/sh
# First start of a PostgreSQL container, with the variables of Docker Hub's `postgres` image:
#   POSTGRES_PASSWORD, POSTGRES_USER (postgres), POSTGRES_DB (the user's name), POSTGRES_INITDB_ARGS,
#   POSTGRES_HOST_AUTH_METHOD; each of the first four also as <name>_FILE, the path of a file that holds it.
# Scripts in /docker-entrypoint-initdb.d run once: *.sh, *.sql, *.sql.gz.
set -eu

fail() {
  echo "docker-entrypoint: $*" >&2
  exit 1
}

# value_of NAME DEFAULT: the variable, or the content of the file that <NAME>_FILE names.
value_of() {
  eval "direct=\${$1:-} file=\${${1}_FILE:-}"
  [ -z "$direct" ] || [ -z "$file" ] || fail "$1 and ${1}_FILE are both set"
  if [ -n "$file" ]; then cat "$file"; else printf '%s' "${direct:-$2}"; fi
}

quote_literal() { printf '%s' "$1" | sed "s/'/''/g; 1s/^/'/; \$s/\$/'/"; }
quote_name() { printf '%s' "$1" | sed 's/"/""/g; 1s/^/"/; $s/$/"/'; }

sql() { psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --quiet -U "$user" "$@"; }

create_cluster() {
  user=$(value_of POSTGRES_USER postgres)
  database=$(value_of POSTGRES_DB "$user")
  password=$(value_of POSTGRES_PASSWORD '')
  arguments=$(value_of POSTGRES_INITDB_ARGS '')
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  [ -n "$password" ] || [ "$method" = trust ] || fail 'set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE'

  # Word splitting is what POSTGRES_INITDB_ARGS is for. The server starts with safe settings; making the cluster need not be.
  # shellcheck disable=SC2086
  initdb --username="$user" --no-sync --auth-local=trust --auth-host="$method" $arguments "$PGDATA"
  printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  [ -z "$password" ] || sql -d postgres -c "ALTER ROLE $(quote_name "$user") PASSWORD $(quote_literal "$password")"
  [ "$database" = postgres ] || sql -d postgres -c "CREATE DATABASE $(quote_name "$database")"
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) echo "docker-entrypoint: running $script"; . "$script" ;;
      *.sql) echo "docker-entrypoint: running $script"; sql -d "$database" -f "$script" ;;
      *.sql.gz) echo "docker-entrypoint: running $script"; gunzip -c "$script" | sql -d "$database" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  sync
  echo 'docker-entrypoint: the database is ready'
}

case ${1:-postgres} in -*) set -- postgres "$@" ;; esac
if [ "$1" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /run/postgresql
  chown postgres:postgres /run/postgresql
  chmod 3777 /run/postgresql
  find "$PGDATA" ! -user postgres -exec chown postgres:postgres {} +
  chmod 0700 "$PGDATA"
  # A secret's file may be root's alone.
  for name in POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD POSTGRES_INITDB_ARGS; do
    [ -s "$PGDATA/PG_VERSION" ] || { value=$(value_of $name '') && unset "${name}_FILE" && export "$name=$value"; }
  done
  exec gosu postgres "$0" "$@"
fi

[ -s "$PGDATA/PG_VERSION" ] || create_cluster
unset POSTGRES_PASSWORD
exec "$@"
