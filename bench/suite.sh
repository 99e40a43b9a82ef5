#!/usr/bin/env bash
# The accuracy table of all methods on conll-translate-test (docs/benchmarks/accuracy.md), with the real taggers of ../shared/models:
#
#     bench/suite.sh [BIN] [OUT]          (default: .venv/bin, out/suite)
#
# Every alignment-, NER- and string-based score with every matcher; the length bonus of NER scores as the known figures have it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
out=${2:-out/suite}
shared=../shared
mkdir -p "$out"
[ -d "$out/ner-multi" ] || "$bin/xproj-fast" export tagger "$shared/models/ner-multi-minilm" "$out/ner-multi"
pipelines=(transfer heuristic)
for scores in alignment alignment+ner ner ner_spans align_ner align_ner_spans string; do
  for matcher in greedy exact ilp; do pipelines+=("$scores:$matcher"); done
done
"$bin/xproj-fast" evaluate --suite "$shared/data/conll-translate-test" --target-tagger "$out/ner-multi" \
  --ignore-labels MISC --ner-length-bonus when_predicted --pipelines "$(IFS=,; echo "${pipelines[*]}")" -o "$out"
