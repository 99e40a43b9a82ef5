"""A small NLLB that has learnt phrases: where scores must mean something, random weights will not do.

Trained on the spot (some ten minutes on one core) on phrase pairs that the alignments of conll-translate-train's 14,041
English-German sentence pairs agree with, both ways, and on phrases repeated in their own language, which gives P(A|A).
What it has not seen it translates badly; it is no judge of methods, only of whether two of them choose alike.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import xproj_fast as xp

from . import local_tokenizers, text
from .checkpoints import Models, _once, _say
from corpora import translate_train

NAME = "nllb-phrases"
LANGUAGES = ("eng_Latn", "deu_Latn")
PIECES = 8_000
STEPS, ROWS, MOST_WORDS, RATE = 600, 192, 4, 4e-3


def exported(models: Models, steps: int = STEPS) -> Path:
    """Return the folder of the export, made where it is missing."""
    folder = models.cache / NAME / f"float32-{steps}"
    if (folder / "manifest.json").is_file():
        return folder
    from xproj_fast.export.translator import export_translator

    checkpoint = models.cache / NAME / f"checkpoint-{steps}"
    with _once(checkpoint, {"steps": steps, "rows": ROWS, "pieces": PIECES, "rate": RATE, "version": 1}) as new:
        if new is not None:
            _say(f"training {NAME}")
            _train(new, steps)
    export_translator(checkpoint, folder)
    return folder


def phrase_pairs(pairs: xp.SentencePairs) -> list[tuple[str, str]]:
    """Return phrase pairs of up to 4 and 6 words whose links all lead into each other, repeats included."""
    source, target = pairs.source.to_lists(), pairs.target.to_lists()
    links = pairs.alignments
    assert links is not None
    found = []
    for s, (a, b) in enumerate(zip(source, target, strict=True)):
        some = slice(links.offsets[s], links.offsets[s + 1])
        listed = list(zip(links.source[some].tolist(), links.target[some].tolist(), strict=True))
        for i in range(len(a)):
            for j in range(i + 1, min(len(a), i + MOST_WORDS) + 1):
                inside = [t for w, t in listed if i <= w < j]
                if not inside:
                    continue
                low, high = min(inside), max(inside) + 1
                if high - low <= MOST_WORDS + 2 and all(i <= w < j for w, t in listed if low <= t < high):
                    found.append((" ".join(a[i:j]), " ".join(b[low:high])))
    return found


def _train(folder: Path, steps: int) -> None:
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    torch.manual_seed(0)
    pairs = phrase_pairs(translate_train("de").pairs())
    whole, local_tokenizers.PIECES = local_tokenizers.PIECES, PIECES
    try:
        words: Any = local_tokenizers.nllb(text.training_lines(text.DATA))
    finally:
        local_tokenizers.PIECES = whole
    config = M2M100Config(
        vocab_size=len(words),
        d_model=128,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=512,
        decoder_ffn_dim=512,
        max_position_embeddings=1024,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        encoder_layerdrop=0.0,
        decoder_layerdrop=0.0,
        scale_embedding=True,
        init_std=0.07,
    )
    model = M2M100ForConditionalGeneration(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    codes = words.convert_tokens_to_ids(list(LANGUAGES))
    pad, end = words.pad_token_id, words.eos_token_id
    draw = random.Random(0)
    for step in range(steps):
        rows = []
        for pair in draw.choices(pairs, k=ROWS):
            source, target = draw.choice(((0, 1), (1, 0), (0, 0), (1, 1)))
            rows.append((source, pair[source], target, pair[target]))
        encoded = [words([row[k] for row in rows], add_special_tokens=False).input_ids for k in (1, 3)]
        inputs = _padded([[codes[r[0]], *ids, end] for r, ids in zip(rows, encoded[0], strict=True)], pad)
        labels = _padded([[codes[r[2]], *ids, end] for r, ids in zip(rows, encoded[1], strict=True)], -100)
        loss = model(input_ids=inputs, attention_mask=(inputs != pad).long(), labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 100 == 99:
            _say(f"step {step + 1} of {steps}, loss {loss.item():.2f}")
    model.eval().save_pretrained(folder)
    words.save_pretrained(folder)


def _padded(rows: list[list[int]], pad: int) -> Any:
    import torch

    longest = max(map(len, rows))
    return torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
