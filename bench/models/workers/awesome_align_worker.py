"""awesome-align 0.1.7 as its command runs it: a file of pairs in, a file of links out, softmax at .001, layer 8."""

from __future__ import annotations

import sys
import tempfile
from argparse import Namespace
from pathlib import Path

import torch
from awesome_align import modeling
from awesome_align.configuration_bert import BertConfig
from awesome_align.modeling import BertForMaskedLM
from awesome_align.run_align import word_align
from awesome_align.tokenization_bert import BertTokenizer
from loop import serve

torch.set_num_threads(1)
folder = Path(tempfile.mkdtemp(prefix="awesome-align-"))
tokenizer = BertTokenizer.from_pretrained(sys.argv[1])
model = BertForMaskedLM.from_pretrained(sys.argv[1], config=BertConfig.from_pretrained(sys.argv[1]))
modeling.PAD_ID, modeling.CLS_ID, modeling.SEP_ID = (
    tokenizer.pad_token_id,
    tokenizer.cls_token_id,
    tokenizer.sep_token_id,
)


def load(source: list[list[str]], target: list[list[str]]) -> int:
    """Keep the pairs; returns how many."""
    lines = [" ".join(a) + " ||| " + " ".join(b) + "\n" for a, b in zip(source, target, strict=True)]
    (folder / "all.txt").write_text("".join(lines), encoding="utf-8")
    (folder / "some.txt").write_text("".join(lines[: max(8, len(lines) // 4)]), encoding="utf-8")
    return len(lines)


def align(batch: int, some: bool = False) -> list[list[list[int]]]:
    """Return the links of all pairs, or of a quarter of them."""
    options = Namespace(
        data_file=str(folder / ("some.txt" if some else "all.txt")),
        output_file=str(folder / "links.txt"),
        num_workers=0,
        batch_size=batch,
        device=torch.device("cpu"),
        align_layer=8,
        extraction="softmax",
        softmax_threshold=1e-3,
        output_prob_file=None,
        output_word_file=None,
    )
    word_align(options, model, tokenizer)
    lines = (folder / "links.txt").read_text(encoding="utf-8").splitlines()
    return [[[int(i) for i in link.split("-")] for link in line.split()] for line in lines]


serve({"load": load, "align": align})
