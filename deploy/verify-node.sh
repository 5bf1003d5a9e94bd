#!/usr/bin/env bash
# Sets up, serves and tests the last commit under another Node, in a folder that debootstrap made:
#
#   debootstrap trixie /tmp/trixie
#   deploy/verify-node.sh /tmp/trixie /opt/node-24/bin/node tests/integration/predict.test.js
#
# Arguments after Node are compiled tests below dist/. npm and pip are configured as on this machine, apt as in the folder.
set -euo pipefail
root=$1 node=$2
shift 2
cd "$(dirname "$0")/.."

app=$root/opt/fovea
rm -rf "$app"
mkdir -p "$app" "$root/usr/local/lib"
git archive HEAD | tar -x -C "$app"
install -m 755 "$node" "$root/usr/local/bin/node"
# Addons are compiled with Node's own headers where they lie beside it; otherwise node-gyp downloads them.
headers=$(dirname "$node")/../include
[ ! -d "$headers" ] || cp -rLT "$headers" "$root/usr/local/include"
npm=$(dirname "$(readlink -f "$(command -v npm)")")/..
rm -rf "$root/usr/local/lib/npm"
cp -rL "$npm" "$root/usr/local/lib/npm"
ln -sf ../lib/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/pip.conf "$HOME/.npmrc" "${PIP_CERT:-}" "${NODE_EXTRA_CA_CERTS:-}" "$(npm config get cafile)"; do
  [ ! -f "$file" ] || install -D "$file" "$root$file"
done

inside() { chroot "$root" env HOME="$HOME" FOVEA_CACHE_DIR=/var/cache/fovea "$@"; }
inside sh -ec '
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends ca-certificates curl g++ git make python3 python3-pip >/dev/null
  mknod -m 666 /dev/null c 1 3 2>/dev/null || true
  mkdir -p /proc
'
mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT

inside sh -ec '
  cd /opt/fovea
  node --version
  began=$(date +%s)
  node setup/setup.mjs
  echo "set-up took $(($(date +%s) - began)) s"
  FOVEA_PORT=5990 node --max-semi-space-size=2 dist/src/main.js >/tmp/fovea.log 2>&1 &
  server=$!
  trap "kill -9 $server 2>/dev/null || true" EXIT
  for attempt in $(seq 300); do
    curl -fs localhost:5990/api/health/ready >/dev/null && break
    sleep 0.2
  done
  answer=$(curl -fs -F file=@tests/fixtures/images/cat-0000.jpg localhost:5990/api/predict)
  echo "$answer" | grep -o "\"predicted_class\":\"Cat\""
  kill "$server"
  wait "$server"
  echo "the server ended with status 0"
'
[ $# -eq 0 ] || inside sh -ec 'cd /opt/fovea && node setup/setup.mjs --test && node dist/tools/run-tests.js "$@"' sh "${@/#/dist/}"
