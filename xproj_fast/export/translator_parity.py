"""Does an exported translator do what its original does? On real sentences, or it is refused.

Tolerances, in natural log-probability of single subwords of given translations (real ones, so many improbable):

| computed in    | largest difference | mean difference | why |
|---|---|---|---|
| float32        | .001  | .0001 | sums in another order |
| float16        | .2    | .02   | weights with 11 bits |
| bfloat16       | 1     | .1    | weights with 8 bits |
| int8, any      | 3     | .3    | weights with 8 bits and a scale a row, states quantised as well |

On a CPU, float16 and bfloat16 run in float32 with rounded weights. In float32 greedy translations must be equal, too,
up to the first place where the original's two best subwords are within 1e-4 of each other; in the others the share
of equal ones is reported, as one near tie that falls the other way changes all that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError
from xproj_fast.export.checkpoint import Checkpoint, quiet
from xproj_fast.models.devices import ctranslate2_device
from xproj_fast.models.manifest import CTRANSLATE2_MODEL, TOKENIZER, Manifest
from xproj_fast.models.subtokens import TextTokenizer
from xproj_fast.models.translation import TranslateOptions
from xproj_fast.models.translation_engine import TranslationEngine, compute_type_for
from xproj_fast.packages import need


class Tolerance(NamedTuple):
    """Of the differences between log-probabilities: the largest one and their mean."""

    largest: float
    mean: float


TOLERANCES = {
    # Over 256,206 pieces CTranslate2's float32 log-sum is off by some 3e-4, the same for all pieces of a step.
    "float32": Tolerance(2e-3, 5e-4),
    "float16": Tolerance(0.2, 0.02),
    "bfloat16": Tolerance(1.0, 0.1),
    "int8": Tolerance(3.0, 0.3),
}
NEAR_TIE = 1e-4
DEMO = {"eng_Latn": "en", "deu_Latn": "de", "spa_Latn": "es", "rus_Cyrl": "ru", "jpn_Jpan": "ja"}
SENTENCES = 8  # a direction
GREEDY_TOKENS = 48
BATCH = 8


class Pair(NamedTuple):
    """A sentence and a translation to be scored."""

    source_language: str
    target_language: str
    source: str
    target: str


def demo_pairs(languages: Sequence[str], sentences: Sequence[str] | None = None) -> list[Pair]:
    """Return what to compare on: sentences of the demo corpus in all directions from and to English the model has.

    A model with other languages gets the English text under the names of its own: numbers differ or not, whatever the
    text means. Given ``sentences`` stand on both sides, from the first of its languages that is known here to the next.
    """
    known = [code for code in DEMO if code in languages]
    if sentences is not None or len(known) < 2:
        first, *others = [*known, *(code for code in languages if code not in known)]
        second = others[0] if others else first
        given = _demo_texts("en")[:SENTENCES] if sentences is None else sentences
        texts = [text for text in given if text.strip()]
        return [Pair(a, b, text, text) for text in texts for a, b in ((first, second), (second, first))]
    pivot, *others = known
    pairs = []
    for k, code in enumerate(others):
        rows = list(zip(_demo_texts(DEMO[pivot]), _demo_texts(DEMO[code]), strict=True))
        for one, other in rows[SENTENCES * k : SENTENCES * (k + 1)]:
            pairs += [Pair(pivot, code, one, other), Pair(code, pivot, other, one)]
    return pairs


def _demo_texts(language: str) -> list[str]:
    folder = files("xproj_fast") / "data" / "demo"
    if language != "en":
        return (folder / f"{language}.words").read_text("utf-8").splitlines()
    sentences = (folder / "en.conll").read_text("utf-8").strip().split("\n\n")
    return [" ".join(row.split("\t")[0] for row in sentence.splitlines()) for sentence in sentences]


def check_translator(
    checkpoint: Checkpoint, model: Any, folder: Path, manifest: Manifest, pairs: Sequence[Pair], device: str
) -> dict[str, float]:
    """Compare an exported translator with its original.

    Args:
        checkpoint: the original's tokenizer and configuration.
        model: the original, in float32 on the CPU.
        folder: holds the exported model and tokenizer.
        manifest: its ``precision`` chooses the tolerance.
        pairs: what to compare on.
        device: where the exported model runs.

    Returns:
        ``log_probability_max`` and ``log_probability_mean``, the absolute differences; ``greedy_equal``, the share of
        greedy translations (of up to 48 subwords) that are the same; ``scored_tokens`` and ``sentences``, how many.

    Raises:
        InputError: for a text that is too long for the model, and "parity check failed: ...", where a difference is
            above its tolerance.
    """
    tokenizer = TextTokenizer(folder / TOKENIZER)
    sources = [
        [pair.source_language, *tokens, "</s>"]
        for pair, tokens in zip(pairs, tokenizer.encode([pair.source for pair in pairs]), strict=True)
    ]
    targets = [
        [pair.target_language, *tokens]
        for pair, tokens in zip(pairs, tokenizer.encode([pair.target for pair in pairs]), strict=True)
    ]
    room = int(manifest.settings["max_pieces"])
    for pair, source, target in zip(pairs, sources, targets, strict=True):
        longest = max(len(source), len(target) + 1)  # the decoder's </s> before it
        if longest > room:
            raise InputError(
                f"sentences: expected at most {room} subwords, special ones included, for the parity check, got "
                f"{longest} in {pair.source[:80]!r}"
            )
    _check_tokens(checkpoint, tokenizer, pairs, sources, targets)
    where = ctranslate2_device(device)
    engine = TranslationEngine(
        folder / CTRANSLATE2_MODEL,
        where,
        compute_type_for(manifest.precision, where, None),
        threads=None,
        parallel=None,
        vocabulary=len(tokenizer.ids),
    )
    try:
        original = _Original(model, tokenizer.ids)
        expected = _original_scores(checkpoint, original, sources, targets)
        largest, mean, tokens = _compare_scores(expected, engine, sources, targets)
        tolerance = TOLERANCES[manifest.precision if manifest.precision in TOLERANCES else "int8"]
        for name, found, most in (("largest", largest, tolerance.largest), ("mean", mean, tolerance.mean)):
            if not found <= most:  # nan, too
                raise _failed(
                    checkpoint,
                    f"expected log-probabilities within {most:g} of the original's ({name} difference, "
                    f"{manifest.precision}), got {found:.3g}",
                )
        equal = _compare_greedy(checkpoint, original, engine, sources, targets, exact=manifest.precision == "float32")
    finally:
        engine.close()
    return {
        "log_probability_max": largest,
        "log_probability_mean": mean,
        "greedy_equal": equal,
        "scored_tokens": float(tokens),
        "sentences": float(len(pairs)),
    }


class _Original:
    """The checkpoint's own model, run in small batches."""

    def __init__(self, model: Any, ids: dict[str, int]) -> None:
        self._torch = need("torch", "export")
        self._model, self._ids = model, ids
        self._pad, self._end = int(model.config.pad_token_id), ids["</s>"]
        self._start = int(model.config.decoder_start_token_id)

    def log_probabilities(self, sources: list[list[str]], targets: list[list[str]]) -> list[NDArray[np.float32]]:
        """Return the natural log-probability of each target's subwords but the first, and of ``</s>``."""
        torch = self._torch
        ids = [[self._ids[token] for token in target] for target in targets]
        encoder = self._padded([[self._ids[token] for token in source] for source in sources])
        decoder = self._padded([[self._start, *row] for row in ids])
        with torch.inference_mode():
            logits = self._model(
                input_ids=encoder, attention_mask=(encoder != self._pad).long(), decoder_input_ids=decoder
            ).logits
            table = torch.log_softmax(logits.float(), -1)
        found = []
        for b, row in enumerate(ids):
            wanted = torch.tensor([*row[1:], self._end])
            found.append(table[b, 1 : len(row) + 1].gather(1, wanted[:, None])[:, 0].numpy())
        return found

    def greedy(self, sources: list[list[str]], language: str) -> list[tuple[list[int], int]]:
        """Return ids of greedy translations with ``</s>``, and how many of each come before the first near tie."""
        torch = self._torch
        encoder = self._padded([[self._ids[token] for token in source] for source in sources])
        config = need("transformers", "export").GenerationConfig(
            max_new_tokens=GREEDY_TOKENS + 1,
            num_beams=1,
            do_sample=False,
            forced_bos_token_id=self._ids[language],
            decoder_start_token_id=self._start,
            pad_token_id=self._pad,
            eos_token_id=self._end,
            bos_token_id=self._model.config.bos_token_id,
            output_logits=True,
            return_dict_in_generate=True,
        )
        with quiet(), torch.inference_mode():
            made = self._model.generate(encoder, attention_mask=(encoder != self._pad).long(), generation_config=config)
            best = torch.stack([step.float().topk(2).values for step in made.logits[1:]], 1)
        sure = ((best[..., 0] - best[..., 1]) > NEAR_TIE).int().cumprod(1).sum(1).tolist()
        found = []
        for row, clear in zip(made.sequences[:, 2:].tolist(), sure, strict=True):
            ids = row[: row.index(self._end) + 1] if self._end in row else row
            # Hugging Face gives a padding token no position, also one it wrote itself: no two engines agree after it.
            padding = ids.index(self._pad) if self._pad in ids else len(ids)
            found.append((ids, min(clear, padding, len(ids))))
        return found

    def _padded(self, rows: list[list[int]]) -> Any:
        longest = max(map(len, rows))
        return self._torch.tensor([row + [self._pad] * (longest - len(row)) for row in rows])


def _check_tokens(
    checkpoint: Checkpoint,
    tokenizer: TextTokenizer,
    pairs: Sequence[Pair],
    sources: list[list[str]],
    targets: list[list[str]],
) -> None:
    """Compare subwords and decoded text with the original tokenizer's."""
    original = checkpoint.tokenizer
    for pair, source, target in zip(pairs, sources, targets, strict=True):
        original.src_lang = pair.source_language
        for text, tokens, expected in (
            (pair.source, source, original(pair.source).input_ids),
            (pair.target, target[1:], original(pair.target, add_special_tokens=False).input_ids),
        ):
            got = [tokenizer.ids[token] for token in tokens]
            if got != expected:
                raise _failed(checkpoint, f"expected the subwords {expected} of {text!r}, got {got}")
        ids = [tokenizer.ids[token] for token in target]
        with quiet():
            decoded = original.decode(ids, skip_special_tokens=True)
        if tokenizer.decode([target]) != [decoded]:
            raise _failed(checkpoint, f"expected the text {decoded!r}, got {tokenizer.decode([target])[0]!r}")


def _original_scores(
    checkpoint: Checkpoint, original: _Original, sources: list[list[str]], targets: list[list[str]]
) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = []
    for first in range(0, len(sources), BATCH):
        found += original.log_probabilities(sources[first : first + BATCH], targets[first : first + BATCH])
    # Before the engine runs: whether CTranslate2 keeps a NaN or makes it 0 depends on the CPU.
    if not all(np.isfinite(row).all() for row in found):
        raise InputError(
            f"{checkpoint.source}: expected finite numbers from the original, got NaN or infinity: damaged weights"
        )
    return found


def _compare_scores(
    expected: list[NDArray[np.float32]], engine: TranslationEngine, sources: list[list[str]], targets: list[list[str]]
) -> tuple[float, float, int]:
    scores = engine.score(sources, targets).results()
    flat = np.concatenate([np.abs(row - np.asarray(scores[i])) for i, row in enumerate(expected)])
    return float(flat.max()), float(flat.mean()), len(flat)


def _compare_greedy(
    checkpoint: Checkpoint,
    original: _Original,
    engine: TranslationEngine,
    sources: list[list[str]],
    targets: list[list[str]],
    *,
    exact: bool,
) -> float:
    equal = 0
    for language in dict.fromkeys(target[0] for target in targets):
        rows = [source for source, target in zip(sources, targets, strict=True) if target[0] == language]
        limits = np.full(len(rows), GREEDY_TOKENS, np.int64)
        found = engine.translate(rows, language, limits, TranslateOptions()).results()
        for first in range(0, len(rows), BATCH):
            for i, (expected, sure) in enumerate(original.greedy(rows[first : first + BATCH], language), first):
                got = [original._ids[token] for token in found[i].tokens] + [original._end] * found[i].ended
                equal += got == expected
                if exact and got[:sure] != expected[:sure]:
                    raise _failed(checkpoint, f"expected the greedy translation {expected} of {rows[i]}, got {got}")
    return equal / len(sources)


def _failed(checkpoint: Checkpoint, what: str) -> InputError:
    return InputError(f"parity check failed: {checkpoint.source}: {what}")
