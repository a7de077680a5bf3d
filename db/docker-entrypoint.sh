#!/bin/sh
# Runs Postgres with pg_cron; sets up what is missing first, while nobody can connect yet.
#
#   POSTGRES_PASSWORD  password of the superuser postgres; may change from one start to the next
#   CRON_DATABASE      database that holds pg_cron's tables (default scheduler)
#
# Arguments are passed on to postgres.
set -eu

: "${POSTGRES_PASSWORD:?is not set}"
cron_database=${CRON_DATABASE:-scheduler}

# literal TEXT: as an SQL literal
literal() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
# name TEXT: as an SQL identifier
name() { printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"; }

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username postgres --encoding UTF8 --locale C.UTF-8 \
    --auth-local peer --auth-host scram-sha-256 >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi

set -- -c listen_addresses='*' -c max_connections=200 -c jit=off -c timezone=UTC \
  -c shared_preload_libraries=pg_cron -c cron.database_name="$cron_database" \
  -c cron.use_background_workers=on -c max_worker_processes=24 "$@"

# run_sql DATABASE STATEMENT POSTGRES-ARGUMENTS…: in single-user mode, which exits 0 in spite of errors
run_sql() {
  database=$1 statement=$2
  shift 2
  output=$(echo "$statement" | postgres --single "$@" "$database" 2>&1)
  case $output in *ERROR:* | *FATAL:* | *PANIC:*) echo "$output" >&2; exit 1 ;; esac
  echo "$output"
}

run_sql postgres "alter role postgres password $(literal "$POSTGRES_PASSWORD")" "$@" >/dev/null
for database in scheduler "$cron_database"; do
  case $(run_sql postgres "select 'found' from pg_database where datname = $(literal "$database")" "$@") in
    *found*) ;;
    *) run_sql postgres "create database $(name "$database")" "$@" >/dev/null ;;
  esac
done
run_sql "$cron_database" 'create extension if not exists pg_cron' "$@" >/dev/null

exec postgres "$@"
