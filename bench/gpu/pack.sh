#!/usr/bin/env bash
# Packs what a bare Linux machine on x64 needs to run this checkout, without network and without Node, into pieces that
# fit through a narrow door. unpack.sh, beside this file, puts them together there.
#
#   bench/gpu/pack.sh [--arch 90] [--piece MIB] [--out FOLDER] [LAYER...]
#
#   --arch   the one kind of GPU that will run it (90: H100, H200); machine code for others is left out
#   --piece  the largest piece (48 MiB: tracked files and one piece then stay below 64 MiB)
#   --out    where the pieces go (.gpu-pack, which git ignores)
#
# Layers; all of them unless some are named:
#   base         Node with its headers, the compiled project, native/, each model's newest version, the packages that it runs on
#   tensorflow   TensorFlow's CUDA build with its binding and libcudart; all other CUDA libraries must be there
#   onnxruntime  ONNX Runtime with its CUDA provider, from the folder that ONNXRUNTIME_LIB_DIR names
#   tests        packages that tests and benches need besides
#   flood        k6
#
# First: FOVEA_DEVICE=cuda node setup/setup.mjs --test (and --k6 for the layer flood)
set -euo pipefail
cd "$(dirname "$0")/../.."

arch='' piece=48 out=.gpu-pack
while [[ ${1:-} == --* ]]; do
  case $1 in
    --arch) arch=$2 ;;
    --piece) piece=$2 ;;
    --out) out=$2 ;;
    *) sed -n '2,/^set/{/^#/p}' "$0" >&2 && exit 2 ;;
  esac
  shift 2
done
[ $# -gt 0 ] || set -- base tensorflow onnxruntime tests flood

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# Of packages: what only people, browsers, compilers and other systems read.
unread=(
  --exclude='*.map' --exclude='*.md' --exclude='*.html' --exclude='*.ts' --exclude='*.cts' --exclude='*.mts'
  --exclude='*.tsbuildinfo' --exclude='*_test.js' --exclude='*.fesm.*' --exclude='*.es2017.*' --exclude='tf*.min.js'
  --exclude='@tensorflow/*/src' --exclude='tfjs/dist/tf.js' --exclude='tfjs-node-gpu/deps' --exclude='tfjs-node-gpu/build-tmp*'
  --exclude='better-sqlite3/deps' --exclude='better-sqlite3/src' --exclude='better-sqlite3/build/Release/obj*'
  --exclude='better-sqlite3/build/Release/test_extension.node' --exclude='better-sqlite3/build/Release/*.a'
  --exclude='echarts/dist' --exclude='bintrees/test' --exclude='*/prebuilds/[!l]*' --exclude='*/prebuilds/linux-arm*'
  --exclude='ttf/*Mono*' --exclude='ttf/*Serif*' --exclude='ttf/*Condensed*' --exclude='ttf/*Oblique*' --exclude='.cache'
)

# copy_packages FILTER: those packages of node_modules that the lock file marks so.
copy_packages() {
  node -e '
    const fs = require("node:fs");
    const { packages } = JSON.parse(fs.readFileSync("node_modules/.package-lock.json", "utf8"));
    const isDev = process.argv[1] === "dev";
    const tools = /^node_modules\/(@biomejs|@typescript|@types|typescript|dependency-cruiser|puppeteer-core|chromium-bidi|devtools-protocol)(\/|$)/;
    for (const [path, { dev = false }] of Object.entries(packages))
      // A package that lies in another comes with that one.
      if (path.lastIndexOf("node_modules/") === 0 && dev === isDev && !tools.test(path) && fs.existsSync(path)) console.log(path);
  ' "$1" >"$stage/packages"
  mkdir -p "$2"
  tar -c "${unread[@]}" -T "$stage/packages" | tar -x -C "$2"
}

stage_base() {
  local app=$1/fovea node model newest
  node=$(readlink -f "$(command -v node)")
  mkdir -p "$1/node/bin" "$1/node/include" "$app/native/build/Release" "$app/native/deps/lib" "$app/tests" \
    "$app/bench/gpu" "$app/setup"
  cp "$node" "$1/node/bin/node"
  strip "$1/node/bin/node"
  tar -c --exclude=openssl -C "$(dirname "$node")/../include" node | tar -x -C "$1/node/include"
  cp -r package.json dist "$app"
  for model in models/*/; do
    # The newest version; weights do not compress.
    newest=$(find "$model" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -n | tail -1)
    mkdir -p "$app/$model"
    cp -r "$model$newest" "$app/$model"
  done
  cp -r tests/fixtures "$app/tests"
  cp bench/gpu/smoke.mjs "$app/bench/gpu"
  cp setup/trial-server.mjs "$app/setup"
  cp native/build/Release/*.node "$app/native/build/Release"
  cp -L native/deps/lib/libdnnl.so.3 "$app/native/deps/lib"
  if [ -d native/cuda/build ]; then
    mkdir -p "$app/native/cuda/build/Release" "$1/cuda/lib"
    cp native/cuda/build/Release/fovea_cuda.node "$app/native/cuda/build/Release"
    cp native/cuda/deps/nvidia/cuda_runtime/lib/libcudart.so.12 "$1/cuda/lib"
  fi
  copy_packages prod "$app"
}

stage_tensorflow() {
  local from=node_modules/@tensorflow/tfjs-node-gpu to=$1/fovea/node_modules/@tensorflow/tfjs-node-gpu
  if [ ! -d "$from/deps/nvidia" ]; then
    echo 'TensorFlow is not set up for CUDA: FOVEA_DEVICE=cuda node setup/setup.mjs --tensorflow' >&2
    exit 1
  fi
  mkdir -p "$to/deps/lib" "$to/lib" "$1/cuda/lib"
  cp -r "$from/lib/napi-v8" "$to/lib"
  cp -P "$from"/deps/lib/* "$to/deps/lib"
  cp "$from/deps/nvidia/cuda_runtime/lib/libcudart.so.12" "$1/cuda/lib"
}

stage_onnxruntime() {
  local name
  mkdir -p "$1/onnxruntime/lib"
  for name in libonnxruntime.so.1 libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so; do
    cp "${ONNXRUNTIME_LIB_DIR:?names the folder of libonnxruntime.so.1…}"/$name* "$1/onnxruntime/lib"
  done
  ln -sf "$(cd "$1/onnxruntime/lib" && ls -d libonnxruntime.so.1.*)" "$1/onnxruntime/lib/libonnxruntime.so.1"
}

stage_tests() {
  copy_packages dev "$1/fovea"
}

stage_flood() {
  local k6
  k6=$(node --input-type=module -e "
    import { k6Path } from './setup/k6.mjs';
    console.log(await k6Path('.', process.env));")
  mkdir -p "$1/node/bin"
  cp "$k6" "$1/node/bin"
}

for layer; do
  folder=$stage/$layer
  mkdir "$folder"
  "stage_$layer" "$folder"
  if [ -n "$arch" ]; then
    find "$folder" -type f -name '*.so*' -size +10M -exec python3 bench/gpu/keep-architecture.py {} "$arch" \;
  fi
  echo "$layer: $(du -sm --apparent-size "$folder" | cut -f1) MB"
  nice python3 bench/gpu/pieces.py cut "$folder" "$out" "$layer" $((piece << 20))
  rm -rf "$folder"
done
