"""torch -> CTranslate2: encoders of the BERT family and NLLB's, whose states CTranslate2's ``Encoder`` gives.

The layout is that of CTranslate2's own converters (``ctranslate2.converters.transformers``), which know neither a
cut after a layer nor NLLB's encoder alone. Embeddings of the first token type are added to those of the positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.export.architecture import Stack
from xproj_fast.export.checkpoint import Checkpoint
from xproj_fast.models.manifest import CTRANSLATE2_MODEL, HEAD
from xproj_fast.packages import need

QUANTIZATION = {"fp32": "float32", "fp16": "float16", "int8": "int8_float32"}
ACTIVATIONS = {
    "gelu": "GELU",
    "gelu_python": "GELU",
    "gelu_fast": "GELUTanh",
    "gelu_new": "GELUTanh",
    "gelu_pytorch_tanh": "GELUTanh",
    "relu": "RELU",
    "silu": "SWISH",
    "swish": "SWISH",
}
ELSE_ONNX = "use the engine onnxruntime"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The parts of a layer, torch modules."""

    query: Any
    key: Any
    value: Any
    output: Any
    attention_norm: Any
    up: Any
    down: Any
    norm: Any


def export_ctranslate2(checkpoint: Checkpoint, stack: Stack, folder: Path, *, precision: str) -> None:
    """Write the encoder, all layers the stack still has, to the folder ``ctranslate2``.

    Args:
        checkpoint: where it comes from.
        stack: the encoder.
        folder: the model folder.
        precision: ``"fp32"``, ``"fp16"`` or ``"int8"`` (weights, embeddings included, with one scale a row).

    Raises:
        InputError: for an activation or kind of positions that CTranslate2 does not have.
    """
    specs = need("ctranslate2.specs.transformer_spec", "export")
    common = need("ctranslate2.specs.common_spec", "export")
    config = checkpoint.config
    activation = next(
        (
            getattr(config, name)
            for name in ("hidden_act", "activation_function", "activation")
            if hasattr(config, name)
        ),
        None,
    )
    if activation not in ACTIVATIONS:
        raise InputError(
            f"{checkpoint.source}: expected an activation of {', '.join(ACTIVATIONS)}, got {activation!r}: {ELSE_ONNX}"
        )
    positions = getattr(config, "position_embedding_type", None) or "absolute"
    if positions != "absolute":
        raise InputError(f"{checkpoint.source}: expected absolute positions, got {positions}: {ELSE_ONNX}")
    nllb = stack.family == "m2m_100"
    final_norm = nllb and hasattr(stack.encoder.layer_norm, "weight")
    encoder = specs.TransformerEncoderSpec(
        stack.layers,
        stack.heads,
        pre_norm=nllb,
        no_final_norm=not final_norm,
        activation=getattr(common.Activation, ACTIVATIONS[activation]),
        layernorm_embedding=not nllb,
    )
    encoder.scale_embeddings = False
    words, places = _embeddings(stack)
    encoder.embeddings[0].weight = words
    encoder.position_encodings.encodings = places
    if final_norm:
        _norm(encoder.layer_norm, stack.encoder.layer_norm)
    if not nllb:
        _norm(encoder.layernorm_embedding, stack.encoder.embeddings.LayerNorm)
    for spec, block in zip(encoder.layer, _blocks(stack), strict=True):
        joined = spec.self_attention.linear[0]
        joined.weight = np.concatenate([_array(part.weight) for part in (block.query, block.key, block.value)])
        joined.bias = np.concatenate([_array(part.bias) for part in (block.query, block.key, block.value)])
        _linear(spec.self_attention.linear[1], block.output)
        _norm(spec.self_attention.layer_norm, block.attention_norm)
        _linear(spec.ffn.linear_0, block.up)
        _linear(spec.ffn.linear_1, block.down)
        _norm(spec.ffn.layer_norm, block.norm)
    model = specs.TransformerEncoderModelSpec(encoder)
    model.config.layer_norm_epsilon = stack.epsilon
    tokens = _tokens(checkpoint.tokenizer, len(words))
    model.config.unk_token = checkpoint.tokenizer.unk_token or tokens[0]
    model.register_vocabulary(tokens)
    model.validate()
    model.optimize(quantization=QUANTIZATION[precision])
    target = folder / CTRANSLATE2_MODEL
    target.mkdir()
    model.save(str(target))


def save_head(checkpoint: Checkpoint, model: Any, folder: Path) -> None:
    """Write the classifier over the states to ``head.npz``: weight float32[labels, width], bias float32[labels].

    Raises:
        InputError: for a classifier that is more than one linear layer.
    """
    head = getattr(model, "classifier", None)
    if not isinstance(head, need("torch", "export").nn.Linear):
        raise InputError(
            f"{checkpoint.source}: expected a linear layer as classifier, got {type(head).__name__}: {ELSE_ONNX}"
        )
    bias = np.zeros(head.out_features, np.float32) if head.bias is None else _array(head.bias)
    np.savez(folder / HEAD, weight=_array(head.weight), bias=bias)


def _embeddings(stack: Stack) -> tuple[Any, Any]:
    """Return float32[vocabulary, width] and float32[positions, width], position 0 first."""
    encoder = stack.encoder
    if stack.family == "m2m_100":
        scale = np.float32(getattr(encoder.embed_tokens, "embed_scale", 1.0))
        return _array(encoder.embed_tokens.weight) * scale, _array(encoder.embed_positions.weights)[2:]
    tables = encoder.embeddings
    places = _array(tables.position_embeddings.weight)
    padding = tables.position_embeddings.padding_idx
    if padding is not None:
        places = places[padding + 1 :]
    kinds = getattr(tables, "token_type_embeddings", None)
    if kinds is not None:
        places = places + _array(kinds.weight)[0]
    return _array(tables.word_embeddings.weight), places


def _blocks(stack: Stack) -> list[Block]:
    if stack.family == "m2m_100":
        return [
            Block(
                each.self_attn.q_proj,
                each.self_attn.k_proj,
                each.self_attn.v_proj,
                each.self_attn.out_proj,
                each.self_attn_layer_norm,
                each.fc1,
                each.fc2,
                each.final_layer_norm,
            )
            for each in stack.encoder.layers
        ]
    if stack.family == "distilbert":
        return [
            Block(
                each.attention.q_lin,
                each.attention.k_lin,
                each.attention.v_lin,
                each.attention.out_lin,
                each.sa_layer_norm,
                each.ffn.lin1,
                each.ffn.lin2,
                each.output_layer_norm,
            )
            for each in stack.encoder.transformer.layer
        ]
    return [
        Block(
            each.attention.self.query,
            each.attention.self.key,
            each.attention.self.value,
            each.attention.output.dense,
            each.attention.output.LayerNorm,
            each.intermediate.dense,
            each.output.dense,
            each.output.LayerNorm,
        )
        for each in stack.encoder.encoder.layer
    ]


def _tokens(tokenizer: Any, size: int) -> list[str]:
    """Return a name for each row of the embeddings, as CTranslate2 wants: ids are all that is ever given to it."""
    tokens = [f"<no token {row}>" for row in range(size)]
    for token, row in tokenizer.get_vocab().items():
        if row < size:
            tokens[row] = token
    return tokens


def _linear(spec: Any, module: Any) -> None:
    spec.weight = _array(module.weight)
    spec.bias = _array(module.bias)


def _norm(spec: Any, module: Any) -> None:
    spec.gamma = _array(module.weight)
    spec.beta = _array(module.bias)


def _array(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy().astype(np.float32)
