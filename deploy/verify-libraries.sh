#!/usr/bin/env bash
# Whether every addon and library below /opt/fovea in the root of an image finds the libraries that it needs: each path of
# our addons' RPATH or RUNPATH exists in the image, and ldd, run in the image, leaves none out. libcuda.so.1 comes with the driver.
set -euo pipefail
root=$1
broken=0 files=0
while IFS= read -r file; do
  files=$((files + 1))
  inner=${file#"$root"} bad=''
  real=$(chroot "$root" readlink -f "$inner")
  while IFS= read -r path; do
    path=${path//\$ORIGIN/$(dirname "$real")}
    # Other packages name folders of several ways to install them.
    [[ $inner != */native/* || -d $root$(chroot "$root" realpath -m "$path") ]] || bad+="no folder $path; "
  done < <(readelf -d "$file" | sed -nE 's/.*\((RPATH|RUNPATH)\).*\[(.*)\]/\2/p' | tr ':' '\n')
  bad+=$(chroot "$root" ldd "$inner" 2>&1 | grep 'not found' | grep -v 'libcuda\.so\.1' || true)
  [ -z "$bad" ] || { echo "  $inner: $bad"; broken=$((broken + 1)); }
done < <(find "$root/opt/fovea" -type f \( -name '*.node' -o -name '*.so' -o -name '*.so.*' \))
echo "  $files addons and libraries, $broken with something missing"
[ "$broken" -eq 0 ]
