#!/bin/sh
# Makes the password of PostgreSQL, and the address with it, for the profile `postgres` of docker-compose.yml. Containers of other
# users read the files; on the host the folder keeps others out.
set -eu
cd "$(dirname "$0")/.."
if [ -e secrets ]; then
  echo 'secrets/ exists already.' >&2
  exit 1
fi
(umask 077 && mkdir secrets)
password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >secrets/postgres-password
printf 'postgres://fovea:%s@postgres/fovea' "$password" >secrets/history-url
chmod 644 secrets/*
