"""Real fast tokenizers of the three families, trained on real text: the hub's own cannot be had here.

They have 30,000 pieces where the real ones have 120,000 to 256,000; the models keep the real numbers of rows, so that
embedding and output layers cost what they cost. A word of the benchmarks' English gives 1.2 pieces (1.4 of XLM-R's).
"""

from __future__ import annotations

import io
import json
from typing import Any

PIECES = 30_000
LANGUAGES = ["eng_Latn", "deu_Latn", "spa_Latn", "rus_Cyrl", "bam_Latn"]
POSITIONS = 512


def bert(lines: list[str]) -> Any:
    """Return a cased ``BertTokenizer`` (WordPiece)."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trained = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trained.normalizer = normalizers.BertNormalizer(lowercase=False)
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=PIECES, special_tokens=special, show_progress=False)
    trained.train_from_iterator(lines, trainer)
    return BertTokenizer(vocab=trained.get_vocab(), do_lower_case=False, model_max_length=POSITIONS)


def xlmr(lines: list[str]) -> Any:
    """Return an ``XLMRobertaTokenizer`` (Unigram)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import XLMRobertaTokenizer

    trained = Tokenizer(models.Unigram())
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=PIECES, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    trained.train_from_iterator(lines, trainer)
    pieces = [(piece, score) for piece, score in json.loads(trained.to_str())["model"]["vocab"] if piece != "<unk>"]
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces, ("<mask>", 0.0)]
    return XLMRobertaTokenizer(vocab=vocab, model_max_length=POSITIONS)


def nllb(lines: list[str]) -> Any:
    """Return an ``NllbTokenizer`` (BPE), with sentencepiece's normalisation and a few languages."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import NllbTokenizer

    table = _normalization(lines)
    bpe = Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.normalizer = normalizers.Sequence([normalizers.Precompiled(table), normalizers.Replace(Regex(" {2,}"), " ")])
    bpe.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=PIECES, special_tokens=special, show_progress=False)
    bpe.train_from_iterator(lines, trainer)
    model = json.loads(bpe.to_str())["model"]
    return NllbTokenizer(
        vocab=model["vocab"],
        merges=[tuple(merge) for merge in model["merges"]],
        extra_special_tokens=LANGUAGES,
        model_max_length=1024,
        _spm_precompiled_charsmap=table,
    )


def _normalization(lines: list[str]) -> bytes:
    """Return the table NLLB's own tokenizer normalises with: sentencepiece compiles it into any model it trains."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines[:1000]),
        model_writer=model,
        vocab_size=200,
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    table: bytes = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue()).normalizer_spec.precompiled_charsmap
    return table
