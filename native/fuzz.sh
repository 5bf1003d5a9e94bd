#!/usr/bin/env bash
# Fuzzes the decoders of clients' bytes, each for SECONDS (default 60), with GCC's address and undefined-behaviour
# sanitizers. The seed is random and printed; a second argument repeats a run.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
seed=${2:-$RANDOM}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

for target in inflate png; do
  g++ -std=c++17 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined \
    "fuzz/${target}_fuzzer.cc" fuzz/driver.cc inflate.cc png.cc -lz -o "$build/$target"
  echo "$target, $seconds s, seed $seed:"
  "$build/$target" "$seconds" "$seed"
done
