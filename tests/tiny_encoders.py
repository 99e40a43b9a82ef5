"""Small real checkpoints, made on the spot: random weights, tokenizers of the package's demo texts.

The weights are those of a seed, and the vocabularies are counted, not trained: a trainer breaks ties at random, and no
two runs of the tests would have the same model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xproj_fast.export.checkpoint import quiet
from xproj_fast.export.parity import demo_sentences

IOB2 = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")
IOB1 = ("B-LOC", "B-MISC", "B-ORG", "I-LOC", "I-MISC", "I-ORG", "I-PER", "O")  # xlm-roberta-large-finetuned-conll03
WIDTH, LAYERS, HEADS = 32, 4, 4
SPREAD = 0.2  # standard deviation of the weights: the usual 0.02 would make all states of a small model alike


def tiny_bert(folder: Path, labels: Sequence[str] | None = None, seed: int = 0, **config: Any) -> Path:
    """Write a cased BERT with a WordPiece tokenizer: a token classifier where ``labels`` are given."""
    from transformers import BertConfig, BertForTokenClassification, BertModel

    settings: dict[str, Any] = {"max_position_embeddings": 128} | config
    model = BertForTokenClassification if labels else BertModel
    return _save(folder, BertConfig, model, _word_pieces(), labels, seed, **settings)


def tiny_distilbert(folder: Path, labels: Sequence[str] | None = None, seed: int = 0, **config: Any) -> Path:
    """Write a cased DistilBERT: a token classifier where ``labels`` are given."""
    from transformers import DistilBertConfig, DistilBertForTokenClassification, DistilBertModel

    settings: dict[str, Any] = {"max_position_embeddings": 128} | config
    model = DistilBertForTokenClassification if labels else DistilBertModel
    return _save(folder, DistilBertConfig, model, _word_pieces(), labels, seed, **settings)


def tiny_xlmr(folder: Path, labels: Sequence[str] | None = None, seed: int = 0, **config: Any) -> Path:
    """Write an XLM-R with a Unigram tokenizer: a token classifier where ``labels`` are given."""
    from transformers import XLMRobertaConfig, XLMRobertaForTokenClassification, XLMRobertaModel, XLMRobertaTokenizer

    counts = _pieces([word for line in demo_sentences() for word in line.split()], "▁", "")
    total = sum(counts.values())
    pieces = [(piece, math.log(count / total)) for piece, count in counts.items()]
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces, ("<mask>", 0.0)]
    settings: dict[str, Any] = {"max_position_embeddings": 130, "type_vocab_size": 1, "layer_norm_eps": 1e-5} | config
    model = XLMRobertaForTokenClassification if labels else XLMRobertaModel
    tokenizer = XLMRobertaTokenizer(vocab=vocab, model_max_length=128)
    return _save(folder, XLMRobertaConfig, model, tokenizer, labels, seed, **settings)


def clear_tagger(
    make: Callable[..., Path],
    folder: Path,
    labels: Sequence[str],
    first: int = 4,
    sentences: Sequence[list[str]] = (),
) -> Path:
    """Write a token classifier of the first seed that leaves no near tie in the demo texts and in some sentences.

    So no label there hangs on how an engine rounds: a best label is .00003 ahead, and rounding makes a millionth. With
    the default a BERT needs no second seed, with 2 an XLM-R. It finds plenty: 500 entities and more, of three classes.
    """
    from original_tagger import OriginalTagger

    texts = [*(line.split(" ") for line in demo_sentences()), *sentences]
    for seed in range(first, first + 50):
        with quiet():
            original = OriginalTagger(make(folder, labels, seed))
        found = [label for words in texts for *_, label in original.entities(words)]
        if len(found) > 500 and len(set(found)) > 2 and all(original.surety(words) > 3e-5 for words in texts):
            return folder
    raise AssertionError("expected one of 50 seeds whose weights leave no near tie, got none")


def _word_pieces() -> Any:
    from tokenizers import normalizers, pre_tokenizers
    from transformers import BertTokenizer

    normal, split = normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer()
    words = [word for line in demo_sentences() for word, _ in split.pre_tokenize_str(normal.normalize_str(line))]
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_pieces(words, "", "##")]
    places = {piece: i for i, piece in enumerate(vocab)}
    return BertTokenizer(vocab=places, do_lower_case=False, model_max_length=128)


def _pieces(words: list[str], first: str, later: str, longer: int = 400) -> dict[str, int]:
    """Return subwords and how often they stand in words: all letters, and the most frequent beginnings and ends."""
    found = Counter((later if i else first) + letter for word in words for i, letter in enumerate(word))
    parts = Counter(first + word[:k] for word in words for k in {2, 4, len(word)})
    parts += Counter(later + word[k:] for word in words for k in (2, 4) if len(word) > k)
    for piece in found:
        del parts[piece]
    ranked = sorted(parts.items(), key=lambda item: (-item[1], item[0]))
    return dict(sorted((found + Counter(dict(ranked[:longer]))).items()))


def _save(
    folder: Path, config: Any, model: Any, tokenizer: Any, labels: Sequence[str] | None, seed: int, **settings: Any
) -> Path:
    import torch

    settings = {
        "vocab_size": len(tokenizer),
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": 2 * WIDTH,
        "initializer_range": SPREAD,
        "pad_token_id": tokenizer.pad_token_id,
    } | settings
    if labels:
        settings |= {"id2label": dict(enumerate(labels)), "label2id": {name: i for i, name in enumerate(labels)}}
    torch.manual_seed(seed)
    made = model(config(**settings)).eval()
    with torch.no_grad():  # biases and norms start at 0 and 1, where their mistakes would not show
        for name, weight in made.named_parameters():
            if weight.ndim == 1:
                weight.add_(torch.randn_like(weight) * (0.1 if "LayerNorm" in name else SPREAD))
    with quiet():
        made.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder
