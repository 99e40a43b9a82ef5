"""Full-size checkpoints of random weights with real tokenizers, and their exports, in a cache outside the repository.

    .venv/bin/python bench/models/run.py --only checkpoints     # makes them ahead: some 12 GB, 10 minutes

What is in the cache is used as it is; delete a folder to have it made again (after a change of the export code).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import local_tokenizers, text

CACHE = Path("~/.cache/xproj_fast_bench")
RECIPE = "recipe.json"  # written last: a checkpoint without it, or with another one, is made anew
LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")
ALIGN_LAYER = 8
VERSION = 1  # of the recipes below


@dataclass(frozen=True)
class Shape:
    """The size of one architecture."""

    family: str  # nllb, xlmr (token classifier) or bert
    width: int
    layers: int  # of NLLB: on either side
    heads: int
    inner: int
    vocabulary: int


SHAPES = {
    "nllb-600M": Shape("nllb", 1024, 12, 16, 4096, 256_206),
    "nllb-3.3B": Shape("nllb", 2048, 24, 16, 8192, 256_206),
    "nllb-tiny": Shape("nllb", 64, 2, 4, 128, 32_000),
    "xlmr-base": Shape("xlmr", 768, 12, 12, 3072, 250_002),
    "xlmr-large": Shape("xlmr", 1024, 24, 16, 4096, 250_002),
    "xlmr-tiny": Shape("xlmr", 64, 3, 4, 128, 32_000),
    "mbert": Shape("bert", 768, 12, 12, 3072, 119_547),
    "mbert-tiny": Shape("bert", 64, 9, 4, 128, 32_000),
}
NAMES = {  # what the sections ask for -> what they get
    "full": {"nllb": "nllb-600M", "xlmr": "xlmr-base", "bert": "mbert"},
    "tiny": {"nllb": "nllb-tiny", "xlmr": "xlmr-tiny", "bert": "mbert-tiny"},
}


class Models:
    """The cache: makes what is missing, says what it makes on stderr."""

    def __init__(
        self,
        cache: Path,
        lines: Callable[[], list[str]],
        dtype: str = "float32",
        device: str = "cpu",
        parity: Sequence[str] | None = None,
    ) -> None:
        self.cache = cache.expanduser()
        self._parity = parity  # what an export is checked on; None = as any export
        self._lines = lines
        self._dtype = dtype
        self._device = device

    def tokenizer(self, family: str) -> Path:
        """Return the folder of a family's tokenizer."""
        folder = self.cache / f"tokenizer-{family}"
        with _once(folder, {"family": family, "pieces": local_tokenizers.PIECES, "version": VERSION}) as new:
            if new is not None:
                _say(f"training the {family} tokenizer")
                getattr(local_tokenizers, family)(self._lines()).save_pretrained(new)
        return folder

    def checkpoint(self, name: str) -> Path:
        """Return the folder of a Hugging Face checkpoint."""
        shape = SHAPES[name]
        folder = self.cache / name / "checkpoint"
        tokenizer = self.tokenizer(shape.family)
        with _once(folder, asdict(shape) | {"dtype": self._dtype, "version": VERSION}) as new:
            if new is not None:
                _say(f"making {name}")
                _save_random(shape, tokenizer, new, self._dtype, self._device)
                for file in tokenizer.iterdir():
                    if file.name != RECIPE:
                        shutil.copy(file, new)
        return folder

    def awesome(self, name: str) -> Path:
        """Return the same BERT as awesome-align wants it: config.json, vocab.txt, pytorch_model.bin."""
        folder = self.cache / name / "awesome-align"
        checkpoint = self.checkpoint(name)
        with _once(folder, json.loads((checkpoint / RECIPE).read_text())) as new:
            if new is not None:
                _say(f"writing {name} for awesome-align")
                _save_for_awesome(SHAPES[name], checkpoint, new)
        return folder

    def exported(self, name: str, precision: str, engine: str = "onnxruntime", layer: int = ALIGN_LAYER) -> Path:
        """Return the folder of an export, made by xproj_fast.export: the kind follows from the family."""
        family = SHAPES[name].family
        suffix = "" if family == "nllb" else f"-{engine}"
        folder = self.cache / name / f"{precision}{suffix}"
        if (folder / "manifest.json").is_file():
            return folder
        checkpoint = self.checkpoint(name)
        _say(f"exporting {name}: {folder.name}")
        if family == "nllb":
            from xproj_fast.export.translator import export_translator

            # On few sentences: the full check takes minutes at this size, and it is the tests' business.
            some = self._parity or [" ".join(sentence) for sentence in text.demo_languages()[0][:4]]
            export_translator(checkpoint, folder, compute_type=precision, sentences=some)
        elif family == "xlmr":
            from xproj_fast.export.tagger import export_tagger

            export_tagger(checkpoint, folder, precision=precision, engine=engine, sentences=self._parity)
        else:
            from xproj_fast.export.aligner import export_aligner

            export_aligner(checkpoint, folder, layer=layer, precision=precision, engine=engine, sentences=self._parity)
        return folder


def _say(what: str) -> None:
    print(f"  ({what})", file=sys.stderr, flush=True)


@contextmanager
def _once(folder: Path, recipe: dict[str, Any]) -> Iterator[Path | None]:
    """Yield a temporary folder that becomes ``folder`` in one step, or None where it is there already."""
    recipe = json.loads(json.dumps(recipe))
    file = folder / RECIPE
    if file.is_file() and json.loads(file.read_text()) == recipe:
        yield None
        return
    shutil.rmtree(folder, ignore_errors=True)
    new = folder.with_name(f".{folder.name}.{os.getpid()}")
    new.mkdir(parents=True)
    try:
        yield new
        (new / RECIPE).write_text(json.dumps(recipe))
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _save_random(shape: Shape, tokenizer: Path, folder: Path, dtype: str, device: str) -> None:
    import torch
    import transformers

    torch.manual_seed(0)
    if shape.family == "nllb":
        config = transformers.M2M100Config(
            vocab_size=shape.vocabulary,
            d_model=shape.width,
            encoder_layers=shape.layers,
            decoder_layers=shape.layers,
            encoder_attention_heads=shape.heads,
            decoder_attention_heads=shape.heads,
            encoder_ffn_dim=shape.inner,
            decoder_ffn_dim=shape.inner,
            max_position_embeddings=1024,
            activation_function="relu",
            scale_embedding=True,
        )
        kind: Any = transformers.M2M100ForConditionalGeneration
    else:
        settings: dict[str, Any] = {
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.width,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.inner,
        }
        if shape.family == "bert":
            config = transformers.BertConfig(**settings, max_position_embeddings=512, pad_token_id=0)
            kind = transformers.BertModel
        else:
            names = dict(enumerate(LABELS))
            config = transformers.XLMRobertaConfig(
                **settings,
                max_position_embeddings=514,
                type_vocab_size=1,
                layer_norm_eps=1e-5,
                pad_token_id=1,
                bos_token_id=0,
                eos_token_id=2,
                id2label=names,
                label2id={label: i for i, label in names.items()},
            )
            kind = transformers.XLMRobertaForTokenClassification
    config.dtype = dtype
    with torch.device(device), torch.no_grad():
        model = kind(config).to(getattr(torch, dtype)).eval()
        if shape.family == "nllb":
            # A row of zeros gives a logit of 0, and some other token's is always larger. So no translation ends before
            # the length limit, both sides decode as many tokens, and only tokens that have a text come out.
            rows = model.get_input_embeddings().weight
            words = transformers.AutoTokenizer.from_pretrained(tokenizer)
            rows[[words.bos_token_id, words.eos_token_id, words.unk_token_id]] = 0
            rows[len(words) :] = 0
        elif shape.family == "xlmr":
            # As initialised all labels get about 1 / 9, and a wrong probability would not show.
            model.classifier.weight.normal_(0, shape.width**-0.5)
    model.save_pretrained(folder)


def _save_for_awesome(shape: Shape, checkpoint: Path, folder: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    weights = {
        f"bert.{name.removeprefix('bert.')}": w for name, w in load_file(checkpoint / "model.safetensors").items()
    }
    torch.save(weights, folder / "pytorch_model.bin")
    vocabulary = AutoTokenizer.from_pretrained(checkpoint).get_vocab()
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in pieces), encoding="utf-8")
    config = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
    }
    (folder / "config.json").write_text(json.dumps(config))
    settings = {"do_lower_case": False, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
