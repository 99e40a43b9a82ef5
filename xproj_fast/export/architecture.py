"""What the export knows of transformer encoders: where their layers are, and how many subwords they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.export.checkpoint import Checkpoint
from xproj_fast.packages import need

BERT_LIKE = ("bert", "xlm-roberta", "roberta", "camembert")
ENCODERS = (*BERT_LIKE, "distilbert", "m2m_100")
DEFAULT_LAYER = {12: 8}  # of BERT-likes: layer 8 of 12 aligns best (Jalili Sabet et al. 2020, Dou & Neubig 2021)


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """A transformer encoder and the numbers that describe it.

    Attributes:
        encoder: torch module that gives ``last_hidden_state``.
        family: ``"bert"``, ``"distilbert"`` or ``"m2m_100"``: how its parts are named.
        heads: attention heads.
        width: of a state.
        epsilon: of its layer norms.
    """

    encoder: Any
    family: str
    heads: int
    width: int
    epsilon: float

    @property
    def layers(self) -> int:
        """How many layers it has."""
        return len(self._layers())

    def _layers(self) -> Any:
        if self.family == "m2m_100":
            return self.encoder.layers
        return (self.encoder.transformer if self.family == "distilbert" else self.encoder.encoder).layer

    def cut(self, layer: int) -> None:
        """Drop all layers above the first ``layer``; a pre-norm encoder that loses layers loses its final norm too."""
        if layer == self.layers:
            return
        kept = self._layers()[:layer]
        if self.family == "m2m_100":
            self.encoder.layers = kept
            self.encoder.layer_norm = need("torch", "export").nn.Identity()
        elif self.family == "distilbert":
            self.encoder.transformer.layer = kept
        else:
            self.encoder.encoder.layer = kept


def stack_of(checkpoint: Checkpoint, encoder: Any) -> Stack:
    """Return the stack of a model's bare encoder.

    Raises:
        InputError: for an architecture that is not known here.
    """
    config, name = checkpoint.config, checkpoint.architecture
    if name in BERT_LIKE:
        return Stack(encoder, "bert", config.num_attention_heads, config.hidden_size, config.layer_norm_eps)
    if name == "distilbert":
        return Stack(encoder, name, config.n_heads, config.dim, 1e-12)
    if name == "m2m_100":
        return Stack(encoder, name, config.encoder_attention_heads, config.d_model, 1e-5)
    raise InputError(
        f"{checkpoint.source}: expected an encoder of type {', '.join(ENCODERS)}, got a checkpoint of type {name}"
    )


def choose_layer(family: str, layers: int, layer: int | None) -> int:
    """Return the layer whose states align words.

    Args:
        family: see ``Stack``.
        layers: how many there are.
        layer: the one asked for, from 1; None = the last of an NLLB encoder, the 8th of 12, else two thirds up.

    Raises:
        InputError: for a layer the model does not have.
    """
    if layer is None:
        return layers if family == "m2m_100" else DEFAULT_LAYER.get(layers, max(1, round(layers * 2 / 3)))
    if not 1 <= layer <= layers:
        raise InputError(f"layer: expected one from 1 to {layers}, the layers of this model, got {layer}")
    return layer


def max_pieces(checkpoint: Checkpoint, model: Any) -> int:
    """Return how many subwords, special ones included, a model has positions for.

    Raises:
        InputError: where neither the model nor its tokenizer says so.
    """
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    if table is not None and hasattr(table, "num_embeddings"):
        padding = table.padding_idx  # the position of padding in RoBERTa's kin: the first subword's is one above
        return int(table.num_embeddings if padding is None else table.num_embeddings - padding - 1)
    for stated in (
        getattr(checkpoint.config, "max_position_embeddings", None),
        getattr(checkpoint.tokenizer, "model_max_length", None),
    ):
        if isinstance(stated, int) and 0 < stated < 1 << 20:
            return stated
    raise InputError(
        f"{checkpoint.source}: expected a model or tokenizer that says how many subwords it takes, got neither "
        "max_position_embeddings nor model_max_length"
    )
