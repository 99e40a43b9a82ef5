"""Small real NLLB checkpoints, made on the spot: a random one, and one that knows the toy language.

Both are what ``save_pretrained`` writes: an ``M2M100ForConditionalGeneration`` and an ``NllbTokenizer`` whose BPE is
trained here, with sentencepiece's own normalisation (NFKC, no zero-width marks). They need the extra ``export``.
"""

from __future__ import annotations

import io
import json
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from command import DEMO
from toy_language import (
    ENGLISH,
    FIRST_NAMES,
    LAST_NAMES,
    ORGANISATIONS,
    PAIRS,
    SENTENCES,
    SIMPLE,
    TOY,
    WORDS,
    ToySentence,
    sentence,
)
from toy_training import SEED, Lesson, save, train

LANGUAGES = [ENGLISH, "deu_Latn", "spa_Latn", "rus_Cyrl", "jpn_Jpan", TOY, "zho_Hans"]
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
MAX_POSITIONS = 1024
Example = tuple[str, str, tuple[str, ...], tuple[str, ...]]  # source and target language, source and target words


def demo_texts(*languages: str) -> list[str]:
    """Return the demo corpus, 40 sentences per language (``en de es ru ja``), words separated by spaces."""
    found = []
    for language in languages or ("en", "de", "es", "ru", "ja"):
        if language == "en":
            blocks = (DEMO / "en.conll").read_text("utf-8").strip().split("\n\n")
            found += [" ".join(line.split("\t")[0] for line in block.splitlines()) for block in blocks]
        else:
            found += (DEMO / f"{language}.words").read_text("utf-8").splitlines()
    return found


@cache
def _normalization() -> bytes:
    """Return the table NLLB's own tokenizer normalises with: sentencepiece compiles it into any model."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(demo_texts("de")),
        model_writer=model,
        vocab_size=200,
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    table: bytes = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue()).normalizer_spec.precompiled_charsmap
    return table


def tokenizer(languages: list[str] | None = None, pieces: int = 900) -> Any:
    """Return an ``NllbTokenizer`` trained on the demo corpus and the toy language."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import NllbTokenizer

    bpe = Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(_normalization()), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    bpe.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    words = [*WORDS, *WORDS.values(), *FIRST_NAMES, *LAST_NAMES, *ORGANISATIONS, "[", "]"]
    trainer = trainers.BpeTrainer(vocab_size=pieces, special_tokens=SPECIALS, show_progress=False)
    bpe.train_from_iterator([*demo_texts(), *[" ".join(words)] * 20], trainer)
    model = json.loads(bpe.to_str())["model"]
    return NllbTokenizer(
        vocab=model["vocab"],
        merges=[tuple(merge) for merge in model["merges"]],
        extra_special_tokens=LANGUAGES if languages is None else languages,
        _spm_precompiled_charsmap=_normalization(),
    )


def _model(words: Any, width: int, seed: int, max_positions: int = MAX_POSITIONS) -> Any:
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    torch.manual_seed(seed)
    config = M2M100Config(
        vocab_size=len(words) + 3,  # a few rows no token has, as in the real ones
        max_position_embeddings=max_positions,
        d_model=width,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=2 * width,
        decoder_ffn_dim=2 * width,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        encoder_layerdrop=0.0,
        decoder_layerdrop=0.0,
        scale_embedding=True,
        init_std=0.1,  # the usual .02 learns nothing for a long time in so small a model
    )
    return M2M100ForConditionalGeneration(config).eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence transformers' progress bars and torch's deprecation warnings, and use one thread."""
    import torch
    from transformers.utils import logging

    threads = torch.get_num_threads()
    bars = logging.is_progress_bar_enabled()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(threads)
        if bars:
            logging.enable_progress_bar()


def tiny_nllb(
    folder: Path,
    seed: int = 0,
    *,
    width: int = 32,
    languages: list[str] | None = None,
    max_positions: int = MAX_POSITIONS,
    spread: float = 0.3,
    endless: bool = False,
) -> Path:
    """Write a checkpoint of random weights: it babbles and falls into loops.

    Args:
        folder: where to.
        seed: of the weights.
        width: ``d_model``; 2 layers a side.
        languages: language tokens; None = ``LANGUAGES``.
        max_positions: hard limit of the sequence length.
        spread: standard deviation of the weights; large enough for probabilities that differ.
        endless: never end a sentence, by construction.
    """
    import torch

    with quiet():
        words = tokenizer(languages)
        model = _model(words, width, seed, max_positions)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if weight.dim() > 1:
                    weight.normal_(0, 0.15 if "embed" in name or "shared" in name else spread)
                    if "shared" in name:
                        weight[1] = 0  # of padding, as in the real ones
            if endless:  # a state is its normalised part, of length sqrt(width), and the bias: twice as long
                bias = model.model.decoder.layer_norm.bias.normal_()
                bias.mul_(2 * width**0.5 / bias.norm())
                model.model.shared.weight[2] = -bias  # so </s> gets at most -2 width, others 0 and more
        model.save_pretrained(folder)
        words.save_pretrained(folder)
    return folder


def trained_nllb(folder: Path, steps: int = 400) -> Path:
    """Write a checkpoint that translates the toy language exactly, both ways (see ``toy_language``).

    It knows sentences as ``toy_language.sentence`` makes them, with entities in square brackets or without, and
    names alone: of those that tests use every subword has a probability of at least .9, so that a wrong one wins
    neither greedily nor in a beam, whatever the engine rounds. Some 10 seconds on one core.
    """
    with quiet():
        words = tokenizer([ENGLISH, TOY])
        model = _model(words, 64, SEED)

        def loss(examples: list[Example]) -> Any:
            return model(**_batch(words, examples)).loss

        def margin(examples: list[Example]) -> Any:
            batch = _batch(words, examples)
            labels = batch["labels"]
            found = model(**batch).logits.softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
            return found.masked_fill(labels == -100, 1.0).amin(1)

        train(model, Lesson("translator", _example, _known(), loss, margin, enough=0.9, batch=32), steps)
        return save(model, words, folder)


def _batch(words: Any, examples: list[Example]) -> dict[str, Any]:
    known = words.get_vocab()  # every word of the toy language is one subword
    rows = [[known[a], *(known["▁" + word] for word in x), 2] for a, _, x, _ in examples]
    labels = [[known[b], *(known["▁" + word] for word in y), 2] for _, b, _, y in examples]
    source = _padded(rows, 1)
    return {"input_ids": source, "attention_mask": (source != 1).long(), "labels": _padded(labels, -100)}


def _example(draw: random.Random) -> Example:
    """Return a sentence, a marked one, or a name alone, in one direction."""
    pair = sentence(draw)
    kind = draw.random()
    if kind < 0.25:
        pair = pair.marked()
    elif kind < 0.35:
        pair = draw.choice(_names(pair))
    return draw.choice(_both_ways(pair))


def _known() -> list[Example]:
    pairs = [*SENTENCES, *PAIRS, *SIMPLE]
    more = [part for pair in pairs for part in (pair.marked(), *_names(pair))]
    return list(dict.fromkeys(way for pair in (*pairs, *more) for way in _both_ways(pair)))


def _both_ways(pair: ToySentence) -> list[Example]:
    return [(ENGLISH, TOY, pair.english, pair.toy), (TOY, ENGLISH, pair.toy, pair.english)]


def _names(pair: ToySentence) -> list[ToySentence]:
    return [
        ToySentence(pair.english[a:b], pair.toy[c:d], (), ())
        for (a, b, _), (c, d, _) in zip(pair.entities, pair.toy_entities(), strict=True)
    ]


def _padded(rows: list[list[int]], pad: int) -> Any:
    import torch

    longest = max(map(len, rows))
    return torch.tensor([row + [pad] * (longest - len(row)) for row in rows])


def original(checkpoint: Path) -> tuple[Any, Any]:
    """Return Hugging Face's model in float32 and tokenizer."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    with quiet():
        model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dtype=torch.float32)
        return model.eval(), AutoTokenizer.from_pretrained(checkpoint)


def generate(
    checkpoint: Path, lines: list[str], source: str, target: str, beams: int = 1, tokens: int = 40, shaken: int = 0
) -> list[list[int]]:
    """Return Hugging Face's translations: ids of at most ``tokens`` subwords, language token and padding left out.

    Above 0, ``shaken`` is the seed of a noise of 1e-5 of each weight.
    """
    import torch

    model, words = original(checkpoint)
    words.src_lang = source
    noise = torch.Generator().manual_seed(shaken)
    with quiet(), torch.no_grad():
        for weight in model.parameters() if shaken else ():
            weight.mul_(1 + 1e-5 * torch.randn(weight.shape, generator=noise))
        out = model.generate(
            **words(lines, return_tensors="pt", padding=True),
            forced_bos_token_id=words.convert_tokens_to_ids(target),
            num_beams=beams,
            do_sample=False,
            max_new_tokens=tokens + 1,  # the language token is one
        )
    return [[i for i in row[2:] if i != 1] for row in out.tolist()]


def translate(
    checkpoint: Path, lines: list[str], source: str, target: str, beams: int = 1, tokens: int = 40
) -> dict[str, str]:
    """Return Hugging Face's translations of those lines whose translation does not hang on how an engine rounds.

    They are the ones that stay the same when the weights are shaken, by ten times more than floats are rounded.
    """
    _, words = original(checkpoint)
    rows, *others = (generate(checkpoint, lines, source, target, beams, tokens, seed) for seed in range(4))
    steady = [all(row == other[i] for other in others) for i, row in enumerate(rows)]
    assert sum(steady) > 0.7 * len(lines), "expected most lines without a near tie"
    found = zip(lines, rows, steady, strict=True)
    return {line: words.decode(row, skip_special_tokens=True).strip() for line, row, sure in found if sure}


def log_probabilities(checkpoint: Path, sources: list[str], targets: list[str], source: str, target: str) -> list[Any]:
    """Return Hugging Face's natural log-probabilities of given translations and ``</s>``, float32 each."""
    import torch

    model, words = original(checkpoint)
    words.src_lang = source
    found = []
    with quiet(), torch.no_grad():
        for text_in, text_out in zip(sources, targets, strict=True):
            wanted = words(text_out, add_special_tokens=False).input_ids
            given = torch.tensor([[2, words.convert_tokens_to_ids(target), *wanted]])
            logits = model(**words([text_in], return_tensors="pt"), decoder_input_ids=given).logits
            table = torch.log_softmax(logits[0, 1:], -1)
            found.append(table.gather(1, torch.tensor([*wanted, 2])[:, None])[:, 0].numpy())
    return found
