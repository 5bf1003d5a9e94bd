#!/usr/bin/env bash
# Builds Dockerfile.gpu without Docker and without an image registry, and runs the result:
#
#   apt-get install -y buildah debootstrap binutils
#   debootstrap --variant=minbase --include=ca-certificates trixie /tmp/trixie
#   deploy/verify-image.sh /tmp/trixie /opt/node-24/bin/node cpu
#
# The last argument is DEVICE. TRAINING=true builds TensorFlow in, and gradient descent takes the place of a head.
# The server runs from the image's root, with its environment, entry point and command, as an unknown user, on a read-only
# file system, in namespaces of its own: as a container does, but for its network and limits. This needs root.
# STORAGE_DRIVER=vfs is for machines that cannot mount overlays; it copies the image for every instruction.
set -euo pipefail
base=$1 node=$2 device=${3:-cpu}
training=${TRAINING:-false}
port=${PORT:-5991}
limit_megabytes=250
cd "$(dirname "$0")/.."
# shellcheck source=deploy/node-root.sh
. deploy/node-root.sh

work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-image-XXXXXX")
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-overlay}
buildah() { command buildah --root "$work/storage" --runroot "$work/run" "$@"; }
server=''
clean() {
  # The entry point outlives unshare, because a change of user takes away the signal at its parent's end.
  [ -z "$server" ] || pkill -KILL --parent "$server" || kill -KILL "$server" 2>/dev/null || true
  buildah umount --all >/dev/null 2>&1 || true
  buildah rm --all >/dev/null 2>&1 || true
  # Images lie on this machine's own file system, so a mount that is still there must not be deleted through.
  umount -R "$work/storage/overlay" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT

echo "== base: $(cat "$base/etc/debian_version"), Node $("$node" --version)"
cp -a --one-file-system "$base" "$work/base"
install_node "$work/base" "$node"
rm -rf "$work/base/var/cache/apt/archives"/*.deb
from=$(buildah from scratch)
buildah add -q "$from" "$work/base" / >/dev/null
buildah config --env PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin "$from"
buildah commit -q --rm "$from" base >/dev/null
rm -rf "$work/base"

echo "== build, DEVICE=$device TRAINING=$training"
context=$work/context
mkdir "$context"
git archive HEAD | tar -x -C "$context"
# The image has headers of its own Node.
# shellcheck disable=SC2016
npm config list --json | node -e '
  const { registry, cafile } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  console.log(`registry=${registry}${cafile ? `\ncafile=${cafile}` : ""}`);
' >"$work/npmrc"
secrets=("--secret=id=npmrc,src=$work/npmrc")
[ ! -f /etc/pip.conf ] || secrets+=("--secret=id=pip,src=/etc/pip.conf")
buildah bud -q --format docker --layers "${secrets[@]}" -f "$context/Dockerfile.gpu" -t fovea \
  --build-arg BASE=localhost/base --build-arg "DEVICE=$device" --build-arg "TRAINING=$training" "$context" >"$work/build.log" 2>&1 ||
  { tail -n 60 "$work/build.log"; exit 1; }
grep -A5 '^!!' "$work/build.log" && { echo 'Set-up warned: an engine is missing.' >&2; exit 1; }

buildah inspect --type image fovea >"$work/image.json"
node deploy/image-layers.mjs "$work/image.json" "$work/storage/$STORAGE_DRIVER-layers/layers.json" \
  "$([ "$device$training" != cpufalse ] || echo "$limit_megabytes")"

container=$(buildah from --pull-never fovea)
root=$(buildah mount "$container")

echo '== libraries'
deploy/verify-libraries.sh "$root"
for tool in g++ gcc make python3 apt-get; do
  if [ -e "$root/usr/bin/$tool" ]; then echo "  the image has $tool"; fi
done

start() { # NAME=VALUE …: settings
  mapfile -t environment < <(node deploy/image-command.mjs "$work/image.json" environment)
  mapfile -t command < <(node deploy/image-command.mjs "$work/image.json" command)
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child sh -ec '
    root=$1
    shift
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount -t tmpfs -o mode=1777 tmpfs "$root/state"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    exec chroot --userspec=54321:54321 "$root" env -C /opt/fovea/app -i "$@"
  ' sh "$root" "${environment[@]}" "FOVEA_PORT=$port" "$@" "${command[@]}" >"$work/server.log" 2>&1 &
  server=$!
}
# The entry point is the first process of its namespace. It changes its root after the mounts.
entry() {
  local pid
  until pid=$(pgrep --parent "$server") && [ "$(readlink "/proc/$pid/root")" = "$root" ]; do
    kill -0 "$server" && sleep 0.1
  done
  echo "$pid"
}

if [ "$device" = cuda ]; then
  echo '== FOVEA_DEVICE=cuda on a machine without a GPU'
  [ ! -e /proc/driver/nvidia ] || echo '  (this machine has one)'
  start FOVEA_DEVICE=cuda
  if wait "$server"; then status=0; else status=$?; fi
  server=''
  grep '^fovea: .*NVIDIA driver' "$work/server.log" && [ "$status" -ne 0 ]
  echo "  ended with status $status"
fi

echo '== the server, as user 54321, on a read-only file system'
start
node deploy/exercise-server.mjs "http://localhost:$port" "/proc/$(entry)/root/state" \
  "$([ "$training" = true ] && echo all || echo head)" || { tail -n 20 "$work/server.log"; exit 1; }
inside() { nsenter --target "$(entry)" --mount --pid --root --wd setpriv --reuid 54321 --regid 54321 --clear-groups "$@"; }
inside env FOVEA_PORT="$port" node deploy/healthcheck.mjs
echo '  the health check exits with 0'
if inside touch /opt/fovea/app/written /models/written 2>/dev/null; then
  echo 'The file system is not read-only.' >&2
  exit 1
fi
kill -TERM "$(entry)"
wait "$server"
server=''
echo '  SIGTERM: ended with status 0'
