"""Small real checkpoints, made on the spot: random weights, tokenizers trained on the package's demo texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import XLMRobertaConfig, XLMRobertaForTokenClassification, XLMRobertaModel, XLMRobertaTokenizer

    trained = Tokenizer(models.Unigram())
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    trainer = trainers.UnigramTrainer(vocab_size=900, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False)
    trained.train_from_iterator(demo_sentences(), trainer)
    pieces = [(piece, score) for piece, score in json.loads(trained.to_str())["model"]["vocab"] if piece != "<unk>"]
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces, ("<mask>", 0.0)]
    settings: dict[str, Any] = {"max_position_embeddings": 130, "type_vocab_size": 1, "layer_norm_eps": 1e-5} | config
    model = XLMRobertaForTokenClassification if labels else XLMRobertaModel
    tokenizer = XLMRobertaTokenizer(vocab=vocab, model_max_length=128)
    return _save(folder, XLMRobertaConfig, model, tokenizer, labels, seed, **settings)


def _word_pieces() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(demo_sentences(), trainer)
    return BertTokenizer(vocab=tokenizer.get_vocab(), do_lower_case=False, model_max_length=128)


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
