#!/usr/bin/env bash
# Puts together, on a bare machine, what pack.sh packed. It needs bash, tar and Python 3.
#
#   bench/gpu/unpack.sh [FROM] [TARGET]     (.gpu-pack and /opt/fovea)
#
# Pieces may come a few at a time: run it after each transfer. It keeps what has come in TARGET/.pieces, and unpacks each
# layer once all of its pieces are there and are as pieces.sha256 says. Then, in every shell:
#
#   source TARGET/env.sh && cd TARGET/fovea && node dist/src/main.js
#
# FOR TRIALS ONLY: TensorFlow is built for CUDA 12. Where the machine has another CUDA (in Python's packages, or in
# /usr/local/cuda), stand-ins.py links its libraries under the names of CUDA 12's. NVIDIA promises nothing for that.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
from=${1:-.gpu-pack} target=${2:-/opt/fovea}
mkdir -p "$target/.pieces"
target=$(cd "$target" && pwd)
pieces=$target/.pieces

cp "$from/pieces.sha256" "$pieces"
layers=$(sed -E 's/^[0-9a-f]+  (.*)\.[0-9]+$/\1/' "$pieces/pieces.sha256" | uniq)
for layer in $layers; do
  names=$(sed -nE "s/^[0-9a-f]+  ($layer\.[0-9]+)$/\1/p" "$pieces/pieces.sha256")
  state=$(grep "  $layer\." "$pieces/pieces.sha256")
  # Unpacked before, from the same pieces.
  if [ "$(cat "$pieces/$layer.unpacked" 2>/dev/null)" = "$state" ]; then continue; fi
  missing=()
  for name in $names; do
    if [ -f "$from/$name" ]; then cp "$from/$name" "$pieces"; fi
    if [ ! -f "$pieces/$name" ]; then missing+=("$name"); fi
  done
  if [ ${#missing[@]} -gt 0 ]; then
    echo "$layer: waits for ${missing[*]}"
    continue
  fi
  python3 "$here/pieces.py" join "$pieces" "$target" "$layer"
  echo "$state" >"$pieces/$layer.unpacked"
  (cd "$pieces" && rm $names)
done

libraries=$(python3 "$here/stand-ins.py" "$target/cuda/lib")
cat >"$target/env.sh" <<END
export PATH="$target/node/bin:\$PATH"
export LD_LIBRARY_PATH="$target/onnxruntime/lib:$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
END
