#!/usr/bin/env bash
# Whether every addon and library below /opt/fovea in the root of an image finds the libraries that it needs: each path of
# its RPATH or RUNPATH exists in the image, and ldd, run in the image, leaves none out. libcuda.so.1 comes with the driver.
set -euo pipefail
root=$1
missing=0 files=0
while IFS= read -r file; do
  files=$((files + 1))
  inner=${file#"$root"}
  real=$(chroot "$root" readlink -f "$inner")
  while IFS= read -r path; do
    path=${path//\$ORIGIN/$(dirname "$real")}
    # Packages carry paths of the machines that built them; a path below /opt/fovea is one that we need.
    [[ $path != /opt/fovea/* ]] || [ -d "$root$(chroot "$root" realpath -m "$path")" ] || echo "  $inner: no folder $path"
  done < <(readelf -d "$file" | sed -nE 's/.*\((RPATH|RUNPATH)\).*\[(.*)\]/\2/p' | tr ':' '\n')
  lost=$(chroot "$root" ldd "$inner" 2>&1 | grep 'not found' | grep -v 'libcuda\.so\.1' || true)
  if [ -n "$lost" ]; then
    echo "  $inner: $lost"
    missing=$((missing + 1))
  fi
done < <(find "$root/opt/fovea" -type f \( -name '*.node' -o -name '*.so' -o -name '*.so.*' \))
echo "  $files addons and libraries, $missing of them without a library that they need"
[ "$missing" -eq 0 ]
