#!/usr/bin/env bash
# Builds the addon with the address and undefined-behaviour sanitizers beside the usual one, and runs its tests, among them
# PLANS (default 20,000) damaged plans. oneDNN is not instrumented. Needs GCC and a checkout that was set up and compiled.
set -euo pipefail
cd "$(dirname "$0")/.."
plans=${1:-20000}

prefix=$(node -p "require('node:path').dirname(require('node:path').dirname(require('node:fs').realpathSync(process.execPath)))")
gyp=$(node --input-type=module -e "
  const { findNodeGyp } = await import(process.cwd() + '/setup/node-gyp.mjs');
  console.log(findNodeGyp(process.env));")
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

# A copy, because the compiled tests look for the addon in `native/` beside `dist/`.
mkdir "$build/native"
cp -r native/*.cc native/*.h native/joined native/binding.gyp "$build/native/"
cp -a dist package.json "$build/"
ln -s "$PWD"/{node_modules,models,tests} "$build/"
ln -s "$PWD/native/deps" "$build/native/deps"
cd "$build"
(cd native && JOBS=max npm_config_nodedir=$prefix node "$gyp" rebuild --release --sanitize=yes >/dev/null)

# Node opens the addon at run time, so the sanitizer's library must be preloaded. Leak detection is off, because Node itself
# frees little at exit; the tests measure memory.
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# The sanitizers slow the tests down.
export TAP_TIMEOUT=300
export FUZZ_SEED=$RANDOM FUZZED_PLANS=$plans
echo "damaged plans: seed $FUZZ_SEED"
node dist/tests/unit/models/engines/native/plan-fuzz.test.js
node dist/tests/unit/models/engines/native/native.test.js
node dist/tests/unit/serving/decoding/native-png.test.js
node dist/tests/unit/serving/decoding/photo-decoder.test.js
