#!/usr/bin/env bash
# Packs what the GPU machine lacks into .whl/1, .whl/2, ... (ignored by git), each small enough to be carried in a call:
#
#   bench/gpu/pieces.sh [--cublas12] [--out DIR]
#
# cp312 wheels of ctranslate2 and onnxruntime-gpu, cut into parts, and two files of real text. --cublas12 adds NVIDIA's
# cuBLAS for CUDA 12 (some 600 MB: 11 pieces more), for the case that CTranslate2 does not run with the machine's own.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
out=.whl
cublas=()
while [ $# -gt 0 ]; do
  case $1 in
    --cublas12) cublas=(nvidia-cublas-cu12) ;;
    --out) out=$2 && shift ;;
    *) echo "usage: $0 [--cublas12] [--out DIR]" >&2 && exit 2 ;;
  esac
  shift
done
size=$((52 << 20)) # the working tree travels with each piece: 64 MiB together
data=../shared/data/conll-translate-test/de
[ "$out" = .whl ] || [ ! -e "$out" ] || { echo "$out: is there already" >&2; exit 1; }
rm -rf "$out"
mkdir -p "$out/all"
platforms=()
for glibc in 2_39 2_35 2_34 2_31 2_28 2_27 2_24 2_17; do platforms+=(--platform "manylinux_${glibc}_x86_64"); done
version() { grep -E "^$1==" constraints.txt; }
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 \
  --implementation cp "${platforms[@]}" --platform manylinux2014_x86_64 -d "$out/all" \
  "$(version ctranslate2)" "$(version onnxruntime-gpu)" "${cublas[@]}"
mkdir -p "$out/all/text/conll-translate-test/de"
cp "$data/en.words" "$data/de.gold.conll" "$out/all/text/conll-translate-test/de/"
# One stream, cut anywhere: joined again on the machine, whatever the wheels' sizes are.
(cd "$out/all" && tar -cf - -- *.whl text) | split -b "$size" -d -a 3 - "$out/part-"
rm -rf "$out/all"
n=0
for part in "$out"/part-*; do
  n=$((n + 1))
  mkdir "$out/$n"
  mv "$part" "$out/$n/"
done
du -sh "$out"/*
echo "carry one folder a call, in order, then run: see bench/gpu/run.sh"
