#!/usr/bin/env bash
# Fuzzes the decoders of clients' bytes, each for SECONDS (default 60), with GCC's address and undefined-behaviour
# sanitizers. The seed is random and printed; a second argument repeats a run.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
seed=${2:-$RANDOM}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

photo=(jpeg.cc jpeg_file.cc jpeg_huffman.cc jpeg_scan.cc orientation.cc photo.cc picture_avx2.cc picture_baseline.cc picture_kernels.cc
  resample.cc row_resampler.cc small_jpeg.cc)
for target in inflate png jpeg; do
  sources=(inflate.cc png.cc)
  [ "$target" = inflate ] || sources+=("${photo[@]}")
  # -fwrapv as in binding.gyp.
  g++ -std=c++17 -O1 -g -Wall -Wextra -Werror -fwrapv -fsanitize=address,undefined -fno-sanitize-recover=undefined \
    "fuzz/${target}_fuzzer.cc" fuzz/driver.cc "${sources[@]}" -lz -o "$build/$target"
  echo "$target, $seconds s, seed $seed:"
  "$build/$target" "$seconds" "$seed"
done
