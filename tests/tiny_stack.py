"""A whole stack for the toy language, each model small, real, and trained until it is exact: the answer is known.

The translator is ``tiny_translator.trained_nllb``. The tagger knows the entities of both languages, the aligner which
words translate which; both are BERTs with a WordPiece vocabulary so small that most words are several sub-tokens.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import links_array
from toy_language import FIRST_NAMES, LAST_NAMES, ORGANISATIONS, WORDS, ToySentence, sentence, translate_word

from xproj_fast.arrays import Words
from xproj_fast.export.checkpoint import quiet

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
LAYER = 1
BATCH = 24


def trained_tagger(folder: Path, steps: int = 400) -> Path:
    """Write a token classifier that is never wrong on the toy language and its English. A few seconds."""
    import torch
    from transformers import BertForTokenClassification

    names = dict(enumerate(LABELS))
    model, words, ids_of = _bert(BertForTokenClassification, id2label=names, label2id={n: i for i, n in names.items()})

    def loss(draw: random.Random) -> Any:
        pairs = [sentence(draw) for _ in range(BATCH)]
        rows = [(pair.english, pair.entities) for pair in pairs[::2]]
        rows += [(pair.toy, pair.toy_entities()) for pair in pairs[1::2]]
        ids, mask, word_of = _batch(ids_of, [words for words, _ in rows])
        found = model(input_ids=ids, attention_mask=mask).logits
        tags = [torch.tensor([*_tags(*row), -100]) for row in rows]  # the last one for special sub-tokens
        wanted = torch.stack([tag[of] for tag, of in zip(tags, word_of, strict=True)])
        return torch.nn.functional.cross_entropy(found.transpose(1, 2), wanted)

    return _trained(folder, model, words, loss, steps)


def trained_aligner(folder: Path, steps: int = 500) -> Path:
    """Write an encoder whose states of layer ``LAYER`` align the toy language with its English exactly."""
    import torch
    from transformers import BertModel

    model, words, ids_of = _bert(BertModel)

    def loss(draw: random.Random) -> Any:
        pairs = [sentence(draw) for _ in range(BATCH)]
        sides = [_batch(ids_of, [getattr(pair, side) for pair in pairs]) for side in ("english", "toy")]
        a, b = (
            model(input_ids=i, attention_mask=m, output_hidden_states=True).hidden_states[LAYER] for i, m, _ in sides
        )
        similarity = a @ b.transpose(1, 2)
        x, y = sides[0][2], sides[1][2]  # words, -1 = none
        target = torch.full((len(pairs), 40), -2)
        for i, pair in enumerate(pairs):
            target[i, : len(pair.links)] = torch.tensor([j for _, j in pair.links])
        gold = (target.gather(1, x.clamp(min=0)).masked_fill(x < 0, -2)[:, :, None] == y[:, None, :]).float()
        similarity = similarity.masked_fill((x < 0)[:, :, None] | (y < 0)[:, None, :], -1e4)
        total = torch.zeros(())
        for axis in (1, 2):
            share = gold / gold.sum(axis, keepdim=True).clamp(min=1)
            total = total - (share * similarity.log_softmax(axis)).sum() / len(pairs)
        return total / 10

    return _trained(folder, model, words, loss, steps)


class DictionaryAligner:
    """Links every English word with its translation, the first with the first: no model, no doubt."""

    def __init__(self, back: bool = False) -> None:
        self.back = back  # the source is the toy language
        self.sentences = 0

    def align(self, source: Words, target: Words) -> Any:
        self.sentences += len(source)
        links = []
        for first, second in zip(source.to_lists(), target.to_lists(), strict=True):
            english, toy = (second, first) if self.back else (first, second)
            free = list(range(len(toy)))
            found = []
            for i, word in enumerate(english):
                j = next((j for j in free if toy[j] == translate_word(word)), None)
                if j is not None:
                    free.remove(j)
                    found.append((j, i) if self.back else (i, j))
            links.append(sorted(found))
        return type("Aligned", (), {"links": links_array(links)})


def _bert(kind: Any, **settings: Any) -> tuple[Any, Any, dict[str, list[int]]]:
    """Return model, tokenizer and the sub-tokens of every word."""
    import torch
    from transformers import BertConfig, BertTokenizer

    known = [*WORDS, *WORDS.values(), *FIRST_NAMES, *LAST_NAMES, *ORGANISATIONS]
    # Not trained, as a trainer breaks ties at random: the beginnings of words, their rests, and all single letters.
    letters = sorted(set("".join(known)))
    pieces = sorted({word[:4] for word in known} | {"##" + word[4:] for word in known if len(word) > 4})
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters), *pieces]
    places = {piece: i for i, piece in enumerate(dict.fromkeys(vocab))}
    words = BertTokenizer(vocab=places, do_lower_case=False, model_max_length=128)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=48,
        num_hidden_layers=LAYER,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=128,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.1,
        pad_token_id=0,
        **settings,
    )
    return kind(config), words, {word: words(word, add_special_tokens=False).input_ids for word in known}


def _trained(folder: Path, model: Any, words: Any, loss: Callable[[random.Random], Any], steps: int) -> Path:
    import torch

    with quiet():
        torch.set_num_threads(1)
        optimizer = torch.optim.AdamW(model.train().parameters(), lr=5e-3, weight_decay=0.0)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps, pct_start=0.2)
        draw = random.Random(0)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(draw).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        model.eval().save_pretrained(folder)
        words.save_pretrained(folder)
    return folder


def _batch(ids_of: dict[str, list[int]], rows: list[tuple[str, ...]]) -> tuple[Any, Any, Any]:
    """Return padded ids, mask, and the word of each sub-token, -1 for special ones and padding."""
    import torch

    ids = [[2, *(piece for word in row for piece in ids_of[word]), 3] for row in rows]
    word_of = [[-1, *(w for w, word in enumerate(row) for _ in ids_of[word]), -1] for row in rows]
    longest = max(map(len, ids))
    padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    return padded, (padded != 0).long(), torch.tensor([row + [-1] * (longest - len(row)) for row in word_of])


def _tags(words: tuple[str, ...], entities: tuple[tuple[int, int, str], ...]) -> list[int]:
    tags = ["O"] * len(words)
    for start, end, label in entities:
        tags[start:end] = ["B-" + label, *["I-" + label] * (end - start - 1)]
    return [LABELS.index(tag) for tag in tags]


def toy_sentences(count: int, seed: int = 1000) -> list[ToySentence]:
    """Return sentences in which no name stands twice: which one is meant would be a guess."""
    found: list[ToySentence] = []
    while len(found) < count:
        pair = sentence(seed)
        seed += 1
        names = [word for start, end, _ in pair.entities for word in pair.english[start:end]]
        if len(set(names)) == len(names):
            found.append(pair)
    return found
