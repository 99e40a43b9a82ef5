"""torch -> ONNX: any batch and length, attention fused, in float32, float16 or int8."""

from __future__ import annotations

import gc
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.models.manifest import ONNX_MODEL
from xproj_fast.packages import need

INPUTS = ("input_ids", "attention_mask")
OPSET = 17
EXTERNAL_ABOVE = 1_800_000_000  # bytes of weights; a protobuf file ends at 2 GiB, so larger weights go beside it
FUSED_WITHIN = 1e-3  # fused and plain graph, largest difference relative to the largest output
KEEP_FP32 = ("LayerNormalization", "SkipLayerNormalization", "SimplifiedLayerNormalization")


def export_onnx(
    model: Any,
    folder: Path,
    *,
    output: str,
    precision: str,
    heads: int,
    width: int,
    pad_id: int,
    tell: Callable[[str], None],
) -> None:
    """Write ``model.onnx`` (and ``model.onnx.data`` where the weights are over 1.8 GB).

    The graph takes ``input_ids`` and ``attention_mask``, int64[batch, length], and gives float32[batch, length, n].
    float16 keeps the layer norms, input and output in float32. int8 has weights of one scale a column, activations
    quantised as they come, and needs no calibration; on CPUs without VNNI its products may saturate.

    Args:
        model: torch module: (input_ids, attention_mask) -> float32[batch, length, n]. It is used up.
        folder: where to.
        output: name of the output.
        precision: ``"fp32"``, ``"fp16"`` or ``"int8"``.
        heads: attention heads, 0 = unknown.
        width: of the states, 0 = unknown.
        pad_id: the padding token.
        tell: gets lines of progress.

    Raises:
        InputError: for a model that torch.onnx cannot export.
    """
    with tempfile.TemporaryDirectory(prefix="onnx-", dir=folder) as name, _no_log():
        build = Path(name)
        plain = build / "plain" / ONNX_MODEL
        plain.parent.mkdir()
        tell("converting to ONNX")
        example = _example(pad_id)
        large = sum(weight.numel() * 4 for weight in model.state_dict().values()) > EXTERNAL_ABOVE
        _trace(model, plain, example, output)
        model.to("meta")  # frees its weights: a large model is in memory several times below
        tell("optimising the graph")
        graph, file = _fuse(plain, build, example, heads, width, large)
        if graph is None:
            tell("the optimised graph does not equal the plain one, which is taken")
        final = folder / ONNX_MODEL
        if precision == "fp16":
            tell("converting to float16")
            _to_float16(graph or _load(file), final)
        elif precision == "int8":
            tell("quantising to int8")
            graph = None
            _to_int8(file, final, large)
        else:
            _save(graph or _load(file), final)
        graph = None
        gc.collect()  # ONNX Runtime's tools leave their copies in reference cycles
        for beside in folder.glob(f"{ONNX_MODEL}.*"):
            beside.chmod(final.stat().st_mode)  # onnx makes it for its owner alone


def _example(pad_id: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return ids and mask, int64[2, 9], the second row padded: what decides on padding must be in the trace."""
    ids = np.arange(18, dtype=np.int64).reshape(2, 9) + 4
    ids[ids == pad_id] = 3
    mask = np.ones_like(ids)
    mask[1, 6:] = 0
    ids[1, 6:] = pad_id
    return ids, mask


def _trace(model: Any, file: Path, example: tuple[Any, Any], output: str) -> None:
    torch = need("torch", "export")
    need("onnx", "export")
    axes = {name: {0: "batch", 1: "length"} for name in (*INPUTS, output)}
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter by traces is deprecated, but ONNX Runtime's fusion knows only its graphs. What it warns of
        # (Python values that become constants) is what the parity check is for.
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                model,
                tuple(torch.from_numpy(array) for array in example),
                str(file),
                input_names=list(INPUTS),
                output_names=[output],
                dynamic_axes=axes,
                opset_version=OPSET,
                dynamo=False,
            )
        except OSError:  # a full disk
            raise
        except Exception as error:  # of many kinds: what an architecture does may be beyond ONNX
            raise InputError(
                f"expected a model that torch.onnx can export, got {type(error).__name__}: {str(error)[:300]}"
            ) from error


def _fuse(
    plain: Path, build: Path, example: tuple[Any, Any], heads: int, width: int, large: bool
) -> tuple[Any | None, Path]:
    """Return the optimised graph and its file, or None and the plain file where it does not give the same."""
    need("onnxruntime", "export")
    optimizer = need("onnxruntime.transformers.optimizer", "export")
    options = need("onnxruntime.transformers.fusion_options", "export").FusionOptions("bert")
    options.enable_embed_layer_norm = False  # it would hold embeddings and layer norm in one precision
    fused = build / "fused" / ONNX_MODEL
    fused.parent.mkdir()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = optimizer.optimize_model(
                str(plain),
                model_type="bert",
                num_heads=heads,
                hidden_size=width,
                optimization_options=options,
                opt_level=0,
            )
            graph.save_model_to_file(str(fused), use_external_data_format=large)
        if large:
            graph = None  # saving moved its weights out
            gc.collect()
        expected, got = (_run(file, example) for file in (plain, fused))
    except OSError:  # a full disk
        raise
    except Exception:  # an optimisation that fails in any other way is one not made
        return None, plain
    real = example[1] == 1
    difference = float(np.abs(got - expected)[real].max())
    if not difference <= FUSED_WITHIN * float(np.abs(expected[real]).max()):
        return None, plain
    return graph or _load(fused), fused


def _run(file: Path, example: tuple[Any, Any]) -> np.ndarray[Any, Any]:
    ort = need("onnxruntime", "export")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    found: np.ndarray[Any, Any] = session.run(None, dict(zip(INPUTS, example, strict=True)))[0]
    return found


def _load(file: Path) -> Any:
    onnx_model = need("onnxruntime.transformers.onnx_model", "export")
    return onnx_model.OnnxModel(need("onnx", "export").load(str(file)))


def _to_float16(graph: Any, file: Path) -> None:
    blocked = need("onnxruntime.transformers.float16", "export").DEFAULT_OP_BLOCK_LIST
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers below the least of float16
        graph.convert_float_to_float16(keep_io_types=True, op_block_list=[*blocked, *KEEP_FP32])
    _drop_repeated_casts(graph.model.graph)
    _save(graph, file)


def _drop_repeated_casts(graph: Any) -> None:
    """Keep one of the casts that the converter makes anew for every layer norm that reads the same tensor."""
    kept, seen = [], set()
    for node in graph.node:
        if node.op_type == "Cast" and node.output[0] in seen:
            continue
        seen.add(node.output[0])
        kept.append(node)
    if len(kept) < len(graph.node):
        del graph.node[:]
        graph.node.extend(kept)


def _to_int8(source: Path, file: Path, large: bool) -> None:
    quantization = need("onnxruntime.quantization", "export")
    quantization.quantize_dynamic(
        str(source),
        str(file),
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
        use_external_data_format=large,
        # The type of what ONNX's shape inference cannot follow: outputs of fused nodes.
        extra_options={"DefaultTensorType": need("onnx", "export").TensorProto.FLOAT},
    )


def _save(graph: Any, file: Path) -> None:
    onnx = need("onnx", "export")
    weights = sum(
        int(np.prod(tensor.dims)) * onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
        for tensor in graph.model.graph.initializer
    )
    graph.save_model_to_file(str(file), use_external_data_format=weights > EXTERNAL_ABOVE)


@contextmanager
def _no_log() -> Iterator[None]:
    """Silence Python's logging: ONNX Runtime's tools give their advice to the root logger."""
    root, level = logging.getLogger(), logging.root.manager.disable
    handler = logging.NullHandler()  # logging.warning() installs a handler where there is none
    root.addHandler(handler)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        root.removeHandler(handler)
