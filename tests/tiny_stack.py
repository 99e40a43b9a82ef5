"""A whole stack for the toy language, each model small, real, and trained until it is exact: the answer is known.

The translator is ``tiny_translator.trained_nllb``. The tagger knows the entities of both languages, the aligner which
words translate which; both are BERTs with a WordPiece vocabulary so small that most words are several subwords.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from common import links_array
from tiny_translator import quiet
from toy_language import (
    FIRST_NAMES,
    LAST_NAMES,
    ORGANISATIONS,
    PAIRS,
    SENTENCES,
    SIMPLE,
    WORDS,
    ToySentence,
    sentence,
    translate_word,
)
from toy_training import SEED, Lesson, save, train

from xproj_fast.arrays import Words

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
LAYER = 1
BATCH = 24


Tagged = tuple[tuple[str, ...], tuple[tuple[int, int, str], ...]]  # words and entities


def trained_tagger(folder: Path, steps: int = 400) -> Path:
    """Write a token classifier for the toy language and its English: .99 and more for every right label. Seconds."""
    import torch
    from transformers import BertForTokenClassification

    names = dict(enumerate(LABELS))

    def draw(random: random.Random) -> Tagged:
        return random.choice(_both_sides(sentence(random)))

    def run(examples: list[Tagged]) -> tuple[Any, Any]:
        ids, mask, word_of = _batch(ids_of, [words for words, _ in examples])
        tags = [torch.tensor([*_tags(*example), -100]) for example in examples]  # the last one for special subwords
        wanted = torch.stack([tag[of] for tag, of in zip(tags, word_of, strict=True)])
        return model(input_ids=ids, attention_mask=mask).logits, wanted

    def loss(examples: list[Tagged]) -> Any:
        found, wanted = run(examples)
        return torch.nn.functional.cross_entropy(found.transpose(1, 2), wanted)

    def margin(examples: list[Tagged]) -> Any:
        found, wanted = run(examples)
        right = found.softmax(-1).gather(-1, wanted.clamp(min=0)[..., None])[..., 0]
        return right.masked_fill(wanted == -100, 1.0).amin(1)

    with quiet():
        labels = {"id2label": names, "label2id": {name: i for i, name in names.items()}}
        model, words, ids_of = _bert(BertForTokenClassification, **labels)
        known = [side for pair in (*SENTENCES, *PAIRS, *SIMPLE) for side in _both_sides(pair)]
        train(model, Lesson("tagger", draw, known, loss, margin, enough=0.99, batch=BATCH), steps)
        return save(model, words, folder)


def trained_aligner(folder: Path, steps: int = 500) -> Path:
    """Write an encoder whose states of layer ``LAYER`` align the toy language with its English.

    Of each subword, one of the right word is nearer than all others by a cosine of at least .02.
    """
    from transformers import BertModel

    def run(pairs: list[ToySentence]) -> tuple[Any, Any, Any]:
        """States of both sides, and which pairs of subwords belong together (1), do not (0), are none (-1)."""
        sides = [_batch(ids_of, [getattr(pair, side) for pair in pairs]) for side in ("english", "toy")]
        a, b = (
            model(input_ids=i, attention_mask=m, output_hidden_states=True).hidden_states[LAYER] for i, m, _ in sides
        )
        return a, b, _gold(pairs, sides[0][2], sides[1][2])

    def loss(pairs: list[ToySentence]) -> Any:
        a, b, gold = run(pairs)
        similarity = (a @ b.transpose(1, 2)).masked_fill(gold < 0, -1e4)
        right = (gold > 0).float()
        shares = [right / right.sum(axis, keepdim=True).clamp(min=1) for axis in (1, 2)]
        total = sum((share * similarity.log_softmax(axis)).sum() for share, axis in zip(shares, (1, 2), strict=True))
        return -total / len(pairs) / 10

    def margin(pairs: list[ToySentence]) -> Any:
        a, b, gold = run(pairs)
        similarity = (a / a.norm(dim=2, keepdim=True)) @ (b / b.norm(dim=2, keepdim=True)).transpose(1, 2)
        right, wrong = similarity.masked_fill(gold != 1, -2), similarity.masked_fill(gold != 0, -2)
        ahead = [
            (right.amax(axis) - wrong.amax(axis)).masked_fill((gold == 1).sum(axis) == 0, 2).amin(1) for axis in (1, 2)
        ]
        return ahead[0].minimum(ahead[1])

    with quiet():
        model, words, ids_of = _bert(BertModel)
        lesson = Lesson("aligner", sentence, [*PAIRS, *SIMPLE], loss, margin, enough=0.02, batch=BATCH)
        train(model, lesson, steps)
        return save(model, words, folder)


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
    """Return model, tokenizer and the subwords of every word."""
    import torch
    from transformers import BertConfig, BertTokenizer

    known = [*WORDS, *WORDS.values(), *FIRST_NAMES, *LAST_NAMES, *ORGANISATIONS]
    # Not trained, as a trainer breaks ties at random: the beginnings of words, their rests, and all single letters.
    letters = sorted(set("".join(known)))
    pieces = sorted({word[:4] for word in known} | {"##" + word[4:] for word in known if len(word) > 4})
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters), *pieces]
    places = {piece: i for i, piece in enumerate(dict.fromkeys(vocab))}
    words = BertTokenizer(vocab=places, do_lower_case=False, model_max_length=128)
    torch.manual_seed(SEED)
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


def _batch(ids_of: dict[str, list[int]], rows: list[tuple[str, ...]]) -> tuple[Any, Any, Any]:
    """Return padded ids, mask, and the word of each subword, -1 for special ones and padding."""
    import torch

    ids = [[2, *(piece for word in row for piece in ids_of[word]), 3] for row in rows]
    word_of = [[-1, *(w for w, word in enumerate(row) for _ in ids_of[word]), -1] for row in rows]
    longest = max(map(len, ids))
    padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    return padded, (padded != 0).long(), torch.tensor([row + [-1] * (longest - len(row)) for row in word_of])


def _gold(pairs: list[ToySentence], english: Any, toy: Any) -> Any:
    """Return 1 where subwords are of words that belong together, 0 of others, -1 where one is special or padding."""
    import torch

    target = torch.full((len(pairs), 40), -2)  # of each English word its toy word
    for i, pair in enumerate(pairs):
        target[i, : len(pair.links)] = torch.tensor([j for _, j in pair.links])
    linked = target.gather(1, english.clamp(min=0))[:, :, None] == toy[:, None, :]
    return linked.long().masked_fill((english < 0)[:, :, None] | (toy < 0)[:, None, :], -1)


def _both_sides(pair: ToySentence) -> list[Tagged]:
    return [(pair.english, pair.entities), (pair.toy, pair.toy_entities())]


def _tags(words: tuple[str, ...], entities: tuple[tuple[int, int, str], ...]) -> list[int]:
    tags = ["O"] * len(words)
    for start, end, label in entities:
        tags[start:end] = ["B-" + label, *["I-" + label] * (end - start - 1)]
    return [LABELS.index(tag) for tag in tags]
