#!/usr/bin/env bash
# Builds the addon with the address and undefined-behaviour sanitizers, runs its tests, and builds the usual addon again.
# oneDNN is not instrumented. Needs GCC and a checkout that was set up and compiled.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=$(node -p "require('node:path').dirname(require('node:path').dirname(require('node:fs').realpathSync(process.execPath)))")
gyp=$(node --input-type=module -e "
  const { findNodeGyp } = await import(process.cwd() + '/setup/node-gyp.mjs');
  console.log(findNodeGyp(process.env));")
trap 'rm -rf native/build && node setup/setup.mjs --native' EXIT

(cd native && JOBS=max npm_config_nodedir=$prefix node "$gyp" rebuild --release --sanitize=yes)

# Node opens the addon at run time, so the sanitizer's library must be preloaded. Leak detection is off, because Node itself
# frees little at exit; the tests measure memory.
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
node dist/tests/unit/models/engines/native/native.test.js
node dist/tests/unit/serving/decoding/native-png.test.js
