#!/usr/bin/env bash
# The models on one GPU (H200 class) against Hugging Face in fp16: exports, device checks, one table.
#
# NEVER RUN YET ON A GPU: no machine was lent when this was written. `stages.py --cpu --quick` did run, so the code is
# proved but for what only a GPU shows: the libraries, the batch sizes, the figures.
#
# The machine: CUDA 13, Python 3.12 with torch, transformers, tokenizers, onnx, pyarrow, numba, pybind11,
# scikit-build-core, cmake; nothing can be downloaded there, 64 MiB travel a call, 10 minutes a command, and it goes
# back when idle for 30 s. So here, first:
#
#   bench/gpu/pieces.sh                               # .whl/1 ... .whl/6: wheels and text, in pieces
#
# and then, one call after the other without a pause (each names a piece in `carry`, which need not come again):
#
#   carry .whl/1, command: bench/gpu/run.sh join .whl/1
#   ...
#   carry .whl/6, command: bench/gpu/run.sh join .whl/6 && bench/gpu/run.sh setup
#   bench/gpu/run.sh stages --only tag align translate      # 600M, XLM-R large, mBERT: the table; a copy in $OUT
#   bench/gpu/run.sh stages --only translate-large          # 3.3B: its export alone takes minutes
#
# `setup` unpacks, builds, and finds a cuBLAS for CTranslate2, which looks for libcublas.so.12: it tries the machine's
# libcublas.so.13 under that name, then the cuBLAS 12 of `pieces.sh --cublas12`, and says which one a matrix product
# worked with.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${XPROJ_GPU_WORK:-/tmp/xproj_gpu}
site=$work/site
python=${PYTHON:-python3}

# Prints the folders that hold a library, the Python packages' before the system's.
folders_of() {
  { "$python" -c 'import sys; print("\n".join(p for p in sys.path if p))'; echo /usr/local/cuda; echo /usr/lib; } |
    while read -r folder; do find "$folder" -maxdepth 6 -name "$1" -printf '%h\n' 2>/dev/null || true; done | awk '!seen[$0]++'
}

use() {
  export PYTHONPATH="$site:$PWD/bench${PYTHONPATH:+:$PYTHONPATH}"
  if [ -f "$work/cublas" ]; then
    LD_LIBRARY_PATH="$(cat "$work/cublas")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export LD_LIBRARY_PATH
  fi
}

# Links cuBLAS 13 under the name CTranslate2 looks for.
link_cublas() {
  local found
  found=$(folders_of libcublas.so.13 | head -1)
  [ -n "$found" ] || { echo "no libcublas.so.13 here"; return 1; }
  mkdir -p "$work/lib"
  ln -sfn "$found/libcublas.so.13" "$work/lib/libcublas.so.12"
  ln -sfn "$found/libcublasLt.so.13" "$work/lib/libcublasLt.so.12"
  echo "$work/lib:$found" >"$work/cublas"
}

case ${1:-} in
  join)
    mkdir -p "$work/parts"
    cp "$2"/part-* "$work/parts/"
    ls "$work/parts"
    ;;
  setup)
    mkdir -p "$work/wheels" "$site"
    cat "$work"/parts/part-* | tar -C "$work/wheels" -xf -
    rm -rf "$work/parts"
    "$python" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$site" "$work"/wheels/*.whl
    "$python" -m pip install -q --no-index --no-deps --no-build-isolation --no-cache-dir --upgrade --target "$site" .
    "$python" -c 'import torch; print(torch.__version__, torch.cuda.get_device_name())'
    # Whichever works first; the probe is a real matrix product in CTranslate2, in float16.
    for way in "cuBLAS 13 under the name of 12" "cuBLAS 12 from its wheel" "what the system finds"; do
      rm -f "$work/cublas"
      case $way in
        *13*) link_cublas || continue ;;
        *wheel) [ -d "$site/nvidia/cublas/lib" ] || continue; echo "$site/nvidia/cublas/lib" >"$work/cublas" ;;
      esac
      if (use; "$python" bench/gpu/stages.py --check translate --cache "$work/models" --text "$work/wheels/text"); then
        echo "CTranslate2 runs on the GPU with: $way"
        break
      fi
      echo "CTranslate2 does not run with: $way"
    done
    use
    "$python" bench/gpu/stages.py --check tag align --cache "$work/models" --text "$work/wheels/text"
    (cd "$work" && "$python" -m xproj_fast doctor) || true  # not from here, where the source tree hides the package
    ;;
  stages)
    shift
    use
    "$python" bench/gpu/stages.py --cache "$work/models" --text "$work/wheels/text" "$@" | tee "${OUT:-$work}/stages.md"
    ;;
  *)
    echo "usage: $0 join DIR | setup | stages [--only NAME ...] [--quick]" >&2
    exit 2
    ;;
esac
