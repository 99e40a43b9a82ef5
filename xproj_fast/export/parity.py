"""The proof of an export: real sentences through the original and through what was written, and how far they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Pieces
from xproj_fast.checks import is_unicode
from xproj_fast.errors import InputError
from xproj_fast.export.checkpoint import Checkpoint, quiet
from xproj_fast.models.encoder import Encoder, encode
from xproj_fast.models.probabilities import first_pieces, softmax
from xproj_fast.packages import need
from xproj_fast.ragged import gather

# The most each figure may be. A CPU computes float16 weights in float32, where nothing overflows: so the original's
# activations are held against the range of float16, which ends at 65,504.
# Labels: differences of word probabilities, and the share of words whose best label is
# another one. States: 1 - cosine, and the largest difference over the root mean square of all states. Measured (demo
# corpus, a trained MiniLM tagger of 6 layers; ONNX Runtime / CTranslate2): fp32 3e-6 / 5e-6; int8 mean .033 / .011 and
# .035 / .013 of labels: an int8 within its bounds is whole; how good it is the figures in the manifest say.
LIMITS: dict[str, dict[str, dict[str, float]]] = {
    "tagger": {
        "fp32": {"max_probability_difference": 1e-4},
        "fp16": {"max_probability_difference": 2e-2, "mean_probability_difference": 5e-3, "largest_activation": 3e4},
        "int8": {"mean_probability_difference": 5e-2, "other_label_share": 1e-1},
    },
    "aligner": {
        "fp32": {"max_cosine_distance": 1e-5, "max_state_difference": 1e-3},
        "fp16": {"max_cosine_distance": 1e-3, "mean_cosine_distance": 1e-4, "largest_activation": 3e4},
        "int8": {"max_cosine_distance": 1e-1, "mean_cosine_distance": 3e-2},
    },
}
BATCH = 8  # sentences of mixed length in a batch of the original
ALONE = 8  # sentences that are run once more in batches of one
MAX_TOKENS = 2048


def demo_sentences() -> list[str]:
    """Return the demo corpus of the package: 40 sentences each in English, German, Spanish, Russian and Japanese."""
    demo = files("xproj_fast").joinpath("data", "demo")
    blocks = demo.joinpath("en.conll").read_text("utf-8").strip().split("\n\n")
    sentences = [" ".join(line.split("\t")[0] for line in block.splitlines()) for block in blocks]
    for language in ("de", "es", "ru", "ja"):
        sentences += demo.joinpath(f"{language}.words").read_text("utf-8").splitlines()
    return sentences


def check_sentences(sentences: Sequence[str]) -> None:
    """Check the text that a user gives for the parity check.

    Raises:
        InputError: for anything that is no text, lone surrogates included, and where there is no word in it.
    """
    if isinstance(sentences, str):
        raise InputError("sentences: expected a list of texts, got one text")
    for s, text in enumerate(sentences):
        if not isinstance(text, str) or not is_unicode(text):
            raise InputError(f"sentences: sentence {s}: expected text, got {text!r:.80}", field="sentences", sentence=s)
    if not any(text.strip() for text in sentences):
        raise InputError("sentences: expected text for the parity check, got no word")


def parity_sentences(checkpoint: Checkpoint, sentences: Sequence[str] | None, room: int) -> list[list[str]]:
    """Return sentences as words that fit the model whole, and after them one as long as the model takes.

    Args:
        checkpoint: whose tokenizer counts.
        sentences: words apart by white space; None = the demo corpus.
        room: subwords that fit between the special ones.

    Raises:
        InputError: for anything that is no text, and where no word is left.
    """
    texts = demo_sentences() if sentences is None else sentences
    check_sentences(texts)
    lists = [words for words in map(str.split, texts) if words]
    everything = [word for words in lists for word in words]
    long = (everything * (room // len(everything) + 1))[:room]
    with quiet():  # it warns of what is too long, which is cut below
        encoded = checkpoint.tokenizer([*lists, long], is_split_into_words=True)
    fitting = []
    for s, words in enumerate([*lists, long]):
        found = [word for word in encoded.word_ids(s) if word is not None]
        end = len(words) if len(found) <= room else found[room]  # the word that runs over goes, and all after
        if found and found[0] < end:  # some words give no subword
            fitting.append(words[:end])
    if not fitting:
        raise InputError(f"sentences: expected words of 1 to {room} subwords for the parity check, got none")
    return fitting


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """What the original says: float32[pieces, n], and the largest absolute value any part of it gave on the way."""

    rows: NDArray[np.float32]
    largest: float


def run_original(
    checkpoint: Checkpoint, sentences: Sequence[Sequence[str]], model: Any, run: Callable[[dict[str, Any]], Any]
) -> Original:
    """Run the original over real sentences.

    Args:
        checkpoint: whose tokenizer makes the batches, padding included.
        sentences: words.
        model: torch module, whose parts are watched.
        run: batch of transformers -> torch float32[batch, length, n], by that module.

    Returns:
        Rows of the subwords in the order of the sentences, without the special ones.

    Raises:
        InputError: where the model fails on them, or gives what is no number.
    """
    torch = need("torch", "export")
    rows = []
    largest = [0.0]
    for first in range(0, len(sentences), BATCH):
        part = [list(words) for words in sentences[first : first + BATCH]]
        batch = checkpoint.tokenizer(part, is_split_into_words=True, padding=True, return_tensors="pt")
        try:
            with torch.inference_mode(), _watched(model, largest):
                found = run(dict(batch)).numpy()
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            raise InputError(
                f"{checkpoint.source}: expected a model that runs on what its tokenizer gives, got "
                f"{type(error).__name__}: {str(error)[:300]}"
            ) from error
        for s in range(len(part)):
            rows.append(found[s, [i for i, word in enumerate(batch.word_ids(s)) if word is not None]])
    found = np.concatenate(rows)
    if not np.isfinite(found).all():
        raise InputError(
            f"{checkpoint.source}: expected finite numbers from the original, got NaN or infinity: damaged weights"
        )
    return Original(found, largest[0])


@contextmanager
def _watched(model: Any, largest: list[float]) -> Iterator[None]:
    """Keep the largest absolute value that any part of a torch module gives, while the block runs."""
    torch = need("torch", "export")

    def look(part: Any, given: Any, found: Any) -> None:
        tensor = found[0] if isinstance(found, tuple) and found else found
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
            largest[0] = max(largest[0], float(tensor.abs().max()))

    hooks = [part.register_forward_hook(look) for part in model.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def check_parity(
    kind: str,
    precision: str,
    encoder: Encoder,
    settings: dict[str, Any],
    pieces: Pieces,
    original: Original,
    tell: Callable[[str], None],
) -> dict[str, float]:
    """Return the figures of the check, with their limits, for the manifest.

    Args:
        kind: ``"tagger"`` or ``"aligner"``.
        precision: of the exported model.
        encoder: the exported model, in the engine that will run it.
        settings: of its manifest.
        pieces: subwords of all sentences.
        original: what the original says of them.
        tell: gets a line with the figures.

    Raises:
        InputError: for a figure above its limit.
    """
    whole = _exported(encoder, settings, pieces, MAX_TOKENS)
    few, rows = _spread(pieces, ALONE)
    alone = _exported(encoder, settings, few, 1)
    got, expected = np.concatenate([whole, alone]), np.concatenate([original.rows, original.rows[rows]])
    if kind == "tagger":
        first = np.concatenate([_first_of_words(pieces), _first_of_words(few)])
        figures = _compare_probabilities(got[first], expected[first])
    else:
        figures = _compare_states(got, expected)
    figures["largest_activation"] = original.largest
    limits = LIMITS[kind][precision]
    shown = ", ".join(
        f"{name.replace('_', ' ')} {value:.2g}" + (f" (at most {limits[name]:g})" if name in limits else "")
        for name, value in figures.items()
    )
    tell(f"parity on {len(pieces):,} sentences: {shown}")
    for name, limit in limits.items():
        if not figures[name] <= limit:  # NaN fails too
            raise InputError(
                f"parity check failed: {name.replace('_', ' ')}: expected at most {limit:g} in {precision}, got "
                f"{figures[name]:.3g}; nothing was kept"
            )
    return figures | {f"{name}_limit": limit for name, limit in limits.items()} | {"sentences": float(len(pieces))}


def _exported(encoder: Encoder, settings: dict[str, Any], pieces: Pieces, batch_tokens: int) -> NDArray[np.float32]:
    rows, _ = encode(encoder, settings, pieces, overlap=0, batch_tokens=batch_tokens, what="parity check")
    return rows


def _spread(pieces: Pieces, count: int) -> tuple[Pieces, NDArray[np.int64]]:
    """Return sentences from all over, the last (longest) among them, and the positions of their pieces."""
    chosen = np.unique(np.linspace(0, len(pieces) - 1, count).astype(np.int64))
    offsets, rows = gather(pieces.offsets, chosen)
    return Pieces(offsets, pieces.ids[rows], pieces.word[rows]), rows


def _first_of_words(pieces: Pieces) -> NDArray[np.bool_]:
    bounds = np.arange(len(pieces) + 1) * (int(pieces.word.max()) + 1)  # any that keep the sentences apart
    return first_pieces(pieces, bounds)[1]


def _compare_probabilities(got: NDArray[np.float32], expected: NDArray[np.float32]) -> dict[str, float]:
    a, b = softmax(got), softmax(expected)
    difference = np.abs(a - b)
    return {
        "max_probability_difference": float(difference.max()),
        "mean_probability_difference": float(difference.max(axis=1).mean()),  # over words, of their worst label
        "other_label_share": float((a.argmax(1) != b.argmax(1)).mean()),
    }


def _compare_states(got: NDArray[np.float32], expected: NDArray[np.float32]) -> dict[str, float]:
    a, b = got.astype(np.float64), expected.astype(np.float64)
    distance = 1 - (a * b).sum(1) / np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-30)
    return {
        "max_cosine_distance": float(distance.max()),
        "mean_cosine_distance": float(distance.mean()),
        "max_state_difference": float(np.abs(a - b).max() / np.sqrt((b * b).mean())),
    }
