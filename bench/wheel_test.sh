#!/usr/bin/env bash
# Builds the sdist and from it the wheel, installs the wheel into an empty environment and runs the command from
# another folder: what a user gets who has no clone.
set -euo pipefail
python=$(realpath -s "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
constraints=$work/constraints.txt  # PIP_CONSTRAINT is split at spaces, which the clone's path may have
cp constraints.txt "$constraints"
PIP_CONSTRAINT=$constraints "$python" -m build --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$constraints" "$work"/dist/*.whl
cd "$work"
venv/bin/xproj-fast doctor
venv/bin/python -m xproj_fast --version
venv/bin/xproj-fast demo --sample 1 -o "$work/demo"
test -s "$work/demo/de.conll"
printf 'Ada\tB-PER\nsings\tO\n' >en.conll
printf 'singt Ada\n' >de.words
printf '0-1 1-0\n' >en-de.pharaoh
venv/bin/xproj-fast project --source en.conll --target de.words --alignments en-de.pharaoh -o - | diff - <(printf 'singt\tO\nAda\tB-PER\n\n')
echo "wheel: $(basename dist/*.whl), $(stat -c %s dist/*.whl) bytes: ok"
