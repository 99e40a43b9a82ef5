"""Ray Data: ``project``, ``label`` and ``augment`` over datasets, each row with its labels or its error.

>>> import ray, xproj_fast as xp
>>> from xproj_fast.distributed import ray as xr
>>> ds = ray.data.read_parquet("news/")  # doctest: +SKIP
>>> paths = xp.ModelPaths("models/ner", "models/nllb", "models/align")
>>> labelled = xr.label(ds, paths, xp.LabelOptions("bam_Latn"), actors=8)  # doctest: +SKIP
>>> xr.write(labelled, "news-labelled")["rows"]  # doctest: +SKIP
10000000
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from xproj_fast.batches import Projector
from xproj_fast.distributed.actors import Actor
from xproj_fast.distributed.writing import remembered
from xproj_fast.distributed.writing import write as write
from xproj_fast.errors import InputError
from xproj_fast.packages import need
from xproj_fast.runs.augment_batches import AugmentBatches
from xproj_fast.runs.augment_options import AugmentOptions
from xproj_fast.runs.batch_stream import Batches
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelOptions
from xproj_fast.runs.model_paths import ModelPaths

if TYPE_CHECKING:
    from ray.data import Dataset

ROWS = 4096  # of a block: what a killed worker does again
PROJECTED = 65_536  # the same, where no model runs
Errors = Literal["raise", "column"]


def project(
    ds: Dataset,
    projector: Projector | None = None,
    *,
    batch_size: int = 8192,
    rows_per_block: int = PROJECTED,
    **ray_args: Any,
) -> Dataset:
    """Project every row of a dataset of sentence pairs.

    Args:
        ds: sentence pairs, see ``Columns``.
        projector: how; None = ``Projector(errors="column")``.
        batch_size: rows at a time.
        rows_per_block: what a killed task does again, and a file that is written holds.
        **ray_args: see ``Dataset.map_batches``; ``num_cpus`` of a task, say.

    Returns:
        The rows with the columns of ``Projector`` added.

    Raises:
        MissingDependencyError: without Ray.
    """
    need("ray.data", "ray")
    _check_sizes(batch_size, rows_per_block)
    chosen = Projector(errors="column") if projector is None else projector
    blocks = ds.repartition(target_num_rows_per_block=rows_per_block, strict=False)
    found = blocks.map_batches(chosen, batch_format="pyarrow", batch_size=batch_size, zero_copy_batch=True, **ray_args)
    return remembered(found, {"method": chosen.method.described()})


def label(
    ds: Dataset,
    models: ModelPaths,
    options: LabelOptions,
    *,
    actors: int | tuple[int, int] | None = None,
    num_gpus: float | None = None,
    batch_size: int = ROWS,
    rows_per_block: int = ROWS,
    errors: Errors = "column",
    batches: dict[str, Any] | None = None,
    **ray_args: Any,
) -> Dataset:
    """Label every row of a dataset of text; one actor a device runs all stages, which wait for each other least there.

    Args:
        ds: words or raw text, see ``LabelBatches``.
        models: folders that every machine has. Their hashes are compared once a machine.
        options: see ``LabelOptions``.
        actors: how many; two numbers = from, to; None = one, up to as many as the cluster has room for.
        num_gpus: of each actor; None = one, or none where ``models.device`` is ``"cpu"``. It runs on that which Ray
            gives it, whatever else the machine has.
        batch_size: rows at a time.
        rows_per_block: what a killed actor does again at most, a few times over: it holds some blocks at once.
        errors: see ``LabelBatches``.
        batches: further options of ``LabelBatches``: ``learned``, ``keep_source``, ``keep``, ...
        **ray_args: see ``Dataset.map_batches``.

    Returns:
        The rows with the columns of ``LabelBatches`` added.

    Raises:
        InputError: at once, for options that cannot be and models that are missing.
        MissingDependencyError: without Ray.
    """
    made = LabelBatches(_on_its_device(models, num_gpus), options, errors=errors, **(batches or {}))
    return _over(ds, made, actors, num_gpus, batch_size, rows_per_block, ray_args)


def augment(
    ds: Dataset,
    models: ModelPaths,
    options: AugmentOptions,
    *,
    actors: int | tuple[int, int] | None = None,
    num_gpus: float | None = None,
    batch_size: int = ROWS,
    rows_per_block: int = ROWS,
    errors: Errors = "column",
    batches: dict[str, Any] | None = None,
    **ray_args: Any,
) -> Dataset:
    """Take every row of a dataset of labelled sentences into other languages.

    Arguments, errors: as for ``label``, with ``AugmentBatches``; ``batch_size`` counts the rows that come out, as all
    languages of a sentence must stay in one block: what is resumed asks for sentences alone.

    Returns:
        One row per sentence and language.
    """
    made = AugmentBatches(_on_its_device(models, num_gpus), options, errors=errors, **(batches or {}))
    size = min(batch_size, max(1, batch_size // len(options.languages)))
    return _over(ds, made, actors, num_gpus, size, rows_per_block, ray_args)


def _check_sizes(batch_size: int, rows_per_block: int) -> None:
    if rows_per_block < 1 or batch_size < 1:
        raise InputError(f"batch_size, rows_per_block: expected at least 1, got {batch_size}, {rows_per_block}")


def _on_its_device(models: ModelPaths, num_gpus: float | None) -> ModelPaths:
    """Return the models on what Ray gives an actor, which sees no other GPU: it is the first one there."""
    if num_gpus == 0 and models.device not in ("auto", "cpu"):
        raise InputError(f"num_gpus: expected more than 0 with models on {models.device}, got 0", field="num_gpus")
    if models.device not in ("auto", "cpu", "cuda"):
        raise InputError(
            f"models: expected device auto, cpu or cuda, as Ray chooses the GPU of an actor, got {models.device}",
            field="device",
        )
    return replace(models, device="cpu") if num_gpus == 0 else models


def _gpus(device: str) -> float:
    """Return how many GPUs an actor asks for: none where there are none, which it would wait for without end."""
    import ray

    return float(device == "cuda" or (device == "auto" and ray.cluster_resources().get("GPU", 0) > 0))


def _described(batches: Batches) -> dict[str, Any]:
    """Return what the rows depend on; models that this machine does not have are told by their folders alone."""
    models = batches.models
    try:
        told = models.described()
    except InputError:
        told = {name: str(getattr(models, name)) for name in models.given}
    return {"options": batches.options.described(), "models": told}


def _over(
    ds: Dataset,
    batches: Batches,
    actors: int | tuple[int, int] | None,
    num_gpus: float | None,
    batch_size: int,
    rows_per_block: int,
    ray_args: dict[str, Any],
) -> Dataset:
    need("ray.data", "ray")
    from ray.data import ActorPoolStrategy

    _check_sizes(batch_size, rows_per_block)
    if actors is not None and (min(actors) if isinstance(actors, tuple) else actors) < 1:
        raise InputError(f"actors: expected at least 1, got {actors}", field="actors")
    gpus = num_gpus if num_gpus is not None else _gpus(batches.models.device)
    low, high = actors if isinstance(actors, tuple) else (actors or 1, actors)
    pool = ActorPoolStrategy(size=actors) if isinstance(actors, int) else ActorPoolStrategy(min_size=low, max_size=high)
    # Ten small files make one block, which a killed worker would do again as a whole.
    blocks = ds.repartition(target_num_rows_per_block=rows_per_block, strict=False)
    found = blocks.map_batches(
        Actor,
        fn_constructor_args=(batches,),
        batch_format="pyarrow",
        batch_size=batch_size,
        zero_copy_batch=True,
        compute=pool,
        **({"num_gpus": gpus} if gpus else {}),
        **ray_args,
    )
    return remembered(found, _described(batches))
