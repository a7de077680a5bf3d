#!/bin/sh
# Runs one of the image's programs.
#
#   relay     publishes; health on RELAY_HEALTH_PORT
#   api       REST and GraphQL on PORT
#   migrate   brings the database of DATABASE_URL up to date, then ends
#   cli       the command line; its arguments follow
#   health    ends with 0 if the relay or the API of this container is ready
set -eu
cd /app
program=${1:-}
[ $# -eq 0 ] || shift
case $program in
  relay) exec node relay/main.ts "$@" ;;
  api) exec node api/main.ts "$@" ;;
  migrate) exec node db/main.ts "$@" ;;
  cli) exec node cli/main.ts "$@" ;;
  health) exec node deploy/health.mjs ;;
  *)
    echo "say which program: relay, api, migrate, cli or health (not '$program')" >&2
    exit 64
    ;;
esac
