#!/usr/bin/env bash
# Makes the peers' environments, each with the packages it wants: bench/models/peer_env.sh [DIR]   (default .venv-peers)
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${1:-.venv-peers}
python=${PYTHON:-python3}
constraints=$(mktemp)
trap 'rm -f "$constraints"' EXIT
# A bare torch pulls gigabytes of CUDA packages; the rest are the versions the figures were made with.
grep -E '^(torch|numpy|tokenizers|transformers|huggingface_hub|safetensors|scikit-learn)==' constraints.txt >"$constraints"
for peer in awesome:awesome-align==0.1.7 simalign:simalign==0.4; do
  folder=$target/${peer%%:*}
  "$python" -m venv "$folder"
  # setuptools: awesome-align imports pkg_resources' relatives; boto3 it asks for itself.
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -c "$constraints" setuptools torch numpy "${peer#*:}"
  echo "$folder: $("$folder/bin/python" -m pip list 2>/dev/null | grep -iE '^(awesome-align|simalign|torch|transformers) ' | tr -s ' ' | paste -sd, -)"
done
# nmtscore 0.3.3 pins packages that contradict each other: its own come first, then it alone.
folder=$target/nmtscore
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==4.57.6 sqlitedict \
  sentencepiece tqdm requests
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps nmtscore==0.3.3
