#!/bin/sh
# Deletes what the server never reads from a finished installation in the current folder: sources of packages and addons,
# types, source maps, and bundles for browsers. node_modules shrink from 750 to 110 MB.
set -eu
find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' -o -name '*.flow' \) -delete
# Node loads the bundles *.node.js and single modules.
find node_modules/@tensorflow -path '*/dist/tf*.js' -type f ! -name '*.node.js' -delete
rm -rf node_modules/@tensorflow/*/src node_modules/@tensorflow/*/build-tmp-* node_modules/core-js node_modules/@img/sharp-wasm32 node_modules/echarts/dist \
  node_modules/h5wasm/dist/iife node_modules/h5wasm/dist/esm node_modules/better-sqlite3*/deps \
  node_modules/better-sqlite3*/build/Release/obj* node_modules/better-sqlite3*/build/Release/.deps \
  native/build/Release/obj.target native/build/Release/.deps native/cuda/build/Release/obj.target native/cuda/build/Release/.deps
# As in src/platform/sqlite/driver.ts.
if node -e 'process.exit(process.versions.napi >= 10 ? 0 : 1)'; then
  rm -rf node_modules/better-sqlite3
  find node_modules/better-sqlite3-13/prebuilds -type f ! -name "linux-$(node -p process.arch).node" -delete
else
  rm -rf node_modules/better-sqlite3-13
fi
# What the package of uWebSockets.js was made from.
find node_modules/uWebSockets.js -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
# Charts are written in one font.
find node_modules/dejavu-fonts-ttf/ttf -type f ! -name 'DejaVuSans.ttf' ! -name 'DejaVuSans-Bold.ttf' -delete
find native/build native/cuda/build -name '*.a' -delete 2>/dev/null || true
# Sources are compiled.
rm -rf src workers dashboard/src dashboard/samples clients tsconfig.json dist/tsconfig.tsbuildinfo
find dist -name '*.map' -delete
