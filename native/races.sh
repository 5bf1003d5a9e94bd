#!/usr/bin/env bash
# Looks for data races with GCC's thread sanitizer: SECONDS (default 15) of instances of one model, and of decoding, in several
# threads. Needs a checkout that was set up.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-15}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

compile() {
  local instructions=()
  if [ "$(uname -m)" = x86_64 ]; then
    # As in binding.gyp.
    case $1 in
      pointwise_avx2.cc | winograd_avx2.cc) instructions=(-mavx2 -mfma) ;;
      pointwise_avx512.cc | winograd_float32.cc) instructions=(-mavx512f -mavx512bw -mavx512vl) ;;
      winograd_bfloat16.cc) instructions=(-mavx512f -mavx512bw -mavx512vl -mavx512bf16) ;;
      winograd_uint8.cc) instructions=(-mavx512f -mavx512bw -mavx512vl -mavx512vnni) ;;
    esac
  fi
  # Of GCC's AVX-512 headers, see binding.gyp.
  g++ -std=c++17 -O1 -g -fwrapv -Wall -Wextra -Werror -Wno-uninitialized -Wno-maybe-uninitialized -fsanitize=thread -fopenmp \
    -isystem deps/include "${instructions[@]}" -c "$1" -o "$build/$(basename "$1" .cc).o"
}
export -f compile
export build

# All of the addon but the files of Node-API.
sources=$(ls ./*.cc | grep -vE '/(addon|connection|photo_task|read_plan|resample_task|resampling_argument)\.cc$')
printf '%s\n' $sources races/driver.cc | sed 's|^\./||' | xargs -P "$(nproc)" -I {} bash -c 'compile {}'
g++ -fsanitize=thread -fopenmp "$build"/*.o -Ldeps/lib -ldnnl -lz -Wl,-rpath,"$PWD/deps/lib" -o "$build/races"

# GCC's sanitizer does not know the address layout of kernels with more random bits, so the layout is fixed, where the
# container allows that.
fixed=()
setarch --addr-no-randomize true 2>/dev/null && fixed=(setarch --addr-no-randomize)
TSAN_OPTIONS=halt_on_error=1 "${fixed[@]}" "$build/races" "$seconds"
