#!/usr/bin/env bash
# Sets up, serves, trains and tests the last commit under another Node, in a folder that debootstrap made:
#
#   debootstrap --variant=minbase trixie /tmp/trixie
#   deploy/verify-node.sh /tmp/trixie /opt/node-24/bin/node tests/integration/predict.test.js
#
# Arguments after Node are compiled tests below dist/; "all" runs all of them, which takes some 10 minutes. The caches of npm and of set-up are
# those of this machine, apt is configured as in the folder. This needs root: it mounts in a namespace of its own.
set -euo pipefail
[ -n "${IN_NAMESPACE:-}" ] || IN_NAMESPACE=1 exec unshare --mount --pid --fork --kill-child "$0" "$@"
root=$1 node=$2
shift 2
cd "$(dirname "$0")/.."
# shellcheck source=deploy/node-root.sh
. deploy/node-root.sh

app=$root/opt/fovea
rm -rf "$app"
trap 'rm -rf "$app"' EXIT
mkdir -p "$app"
git archive HEAD | tar -x -C "$app"
install_node "$root" "$node"
# Compilers and servers open these, and debootstrap makes them only where it may.
for device in null:3 zero:5 random:8 urandom:9; do
  file=$root/dev/${device%:*}
  [ -c "$file" ] || { rm -f "$file" && mknod -m 666 "$file" c 1 "${device#*:}"; }
done
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
share() { # FOLDER PLACE
  mkdir -p "$1" "$root$2"
  mount --bind "$1" "$root$2"
}
share "${FOVEA_CACHE_DIR:-$HOME/.cache/fovea}" /var/cache/fovea
share "$(npm config get cache)" /var/cache/npm

settings=(HOME="$HOME" PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin FOVEA_CACHE_DIR=/var/cache/fovea npm_config_cache=/var/cache/npm)
for name in NODE_EXTRA_CA_CERTS PIP_CERT; do [ -z "${!name:-}" ] || settings+=("$name=${!name}"); done
cafile=$(npm config get cafile)
[ "$cafile" = null ] || settings+=("npm_config_cafile=$cafile")
inside() { chroot "$root" env -i "${settings[@]}" "$@"; }
[ -x "$root/usr/bin/g++" ] || inside sh -ec '
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get -o Dpkg::Use-Pty=0 install -y -qq --no-install-recommends ca-certificates g++ git make procps python3 python3-pip >/dev/null
  apt-get clean
'

# shellcheck disable=SC2016
inside FOVEA_PORT="${PORT:-5990}" sh -ec '
  cd /opt/fovea
  echo "Debian $(cat /etc/debian_version), Node $(node --version)"
  began=$(date +%s)
  node setup/setup.mjs
  echo "set-up took $(($(date +%s) - began)) s"
  node --max-semi-space-size=4 dist/src/main.js >/tmp/fovea.log 2>&1 &
  server=$!
  node deploy/exercise-server.mjs "http://localhost:$FOVEA_PORT" state all || { tail -n 20 /tmp/fovea.log; exit 1; }
  kill "$server"
  wait "$server"
  echo "SIGTERM: ended with status 0"
'
[ $# -gt 0 ] || exit 0
[ "$*" != all ] || set --
# shellcheck disable=SC2016
inside sh -ec '
  cd /opt/fovea
  node setup/setup.mjs --test
  node dist/tools/run-tests.js "$@"
' sh "${@/#/dist/}"
