#!/usr/bin/env bash
# Builds the addon with the address and undefined-behaviour sanitizers and runs its tests on that; then builds the
# usual one again. oneDNN itself is not instrumented. Needs GCC and a checkout that was set up and compiled.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=$(node -p "require('node:path').dirname(require('node:path').dirname(require('node:fs').realpathSync(process.execPath)))")
gyp=$(node --input-type=module -e "
  const { findNodeGyp } = await import(process.cwd() + '/setup/node-gyp.mjs');
  console.log(findNodeGyp(process.env));")
trap 'rm -rf native/build && node setup/setup.mjs --native' EXIT

(cd native && JOBS=max npm_config_nodedir=$prefix node "$gyp" rebuild --release --sanitize=yes)

# The addon is opened late, so the sanitizer's library must be there first. Node frees little when it ends: its leaks
# are none of ours, and the tests watch the memory themselves.
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
node dist/tests/unit/models/engines/native/native.test.js
node dist/tests/unit/serving/decoding/native-png.test.js
