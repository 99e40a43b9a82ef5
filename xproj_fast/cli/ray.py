"""``--ray``: the same command on all machines of a Ray cluster, for people who write no Python."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, pipeline_options, reading, usage
from xproj_fast.cli.parser import rare
from xproj_fast.packages import need
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.runs.augment_options import AugmentOptions
    from xproj_fast.runs.label_options import LabelOptions

LOCAL = "local"
NOT_THERE = ("chunk", "threads")  # what Ray divides itself


def add_ray(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command that can run on Ray."""
    group = parser.add_argument_group("many machines")
    rare(
        group.add_argument(
            "--ray",
            nargs="?",
            const="",
            metavar="ADDRESS",
            help="run on a Ray cluster (auto = the one here; none = RAY_ADDRESS, or this machine); OUT is a folder",
        )
    )
    rare(
        group.add_argument(
            "--actors",
            type=int,
            metavar="N",
            help="with --ray: processes with models (default: as many as there is room for)",
        )
    )
    rare(
        group.add_argument(
            "--rows-per-block",
            type=int,
            metavar="N",
            help="with --ray: sentences that a killed process does again, a few times over (default: 4096)",
        )
    )


def check(args: argparse.Namespace) -> None:
    """Refuse what makes no sense without Ray, or with it.

    Raises:
        UsageError: naming the option.
    """
    if args.ray is None:
        usage.require(args, ("actors", "rows_per_block"), "--ray")
        return
    for name in ("actors", "rows_per_block"):
        if (given := getattr(args, name)) is not None and given < 1:
            raise usage.UsageError(f"--{name.replace('_', '-')}: expected at least 1, got {given}")
    usage.refuse(args, NOT_THERE, "--ray")
    if "keep_columns" in vars(args):
        usage.refuse(args, ("keep_columns",), "--ray")
    if args.output_format not in (None, "arrow") and "output_format" in vars(args):
        usage.refuse(args, ("output_format",), "--ray, whose output is Parquet")
    if args.output == "-" or Path(args.output).is_file() or Path(args.output).suffix:
        raise usage.UsageError(f"--output: expected a folder (name/) with --ray, got {args.output}")


def label(args: argparse.Namespace, how: LabelOptions) -> int:
    """Label on Ray."""
    from xproj_fast.distributed import ray as xr

    paths = pipeline_options.model_paths(
        args, "tagger", "translator", "aligner", "target_tagger", "back_translator", threads=None
    )
    more = {"keep_source": True} if args.with_source else {}
    return _run(
        args, how.language, False, how, paths, lambda ds, given: xr.label(ds, paths, how, batches=more, **given)
    )


def augment(args: argparse.Namespace, how: AugmentOptions) -> int:
    """Take labelled sentences into other languages on Ray."""
    from xproj_fast.distributed import ray as xr

    paths = pipeline_options.model_paths(args, "translator", "aligner", "target_tagger", threads=None)

    def over(ds: Any, given: dict[str, Any]) -> Any:
        names = ds.schema().names
        kept = None if args.with_source else tuple(name for name in ("row", "id") if name in names)
        return xr.augment(ds, paths, how, batches={"keep": kept}, **given)

    return _run(args, how.source_language, True, how, paths, over)


def _run(
    args: argparse.Namespace,
    language: str,
    entities: bool,
    how: Any,
    paths: Any,
    over: Callable[[Any, dict[str, Any]], Any],
) -> int:
    need("ray.data", "ray")
    import ray

    from xproj_fast.distributed.sources import ROW, SentenceTables, files_of, identity_of_files, read
    from xproj_fast.distributed.writing import write

    files = files_of(args.input)
    options = reading.input_options(args, args.input_format)
    made_from = {"input": identity_of_files(files), "options": how.described(), "models": paths.described()}
    address = args.ray or os.environ.get("RAY_ADDRESS") or LOCAL
    ray.init(
        address=address,
        log_to_driver=not args.quiet,
        **({"include_dashboard": False} if address == LOCAL else {}),
    )
    try:
        ray.data.DataContext.get_current().enable_progress_bars = not args.quiet
        given: dict[str, Any] = {"actors": args.actors}
        if args.rows_per_block is not None:
            given |= {"rows_per_block": args.rows_per_block, "batch_size": args.rows_per_block}
        if args.device == "cpu" or not ray.cluster_resources().get("GPU"):
            given["num_gpus"] = 0
        made = over(read(files, SentenceTables(language, options, entities)), given)
        summary = write(made, args.output, id=ROW, made_from=made_from, resume=args.resume, restart=args.restart)
    finally:
        ray.shutdown()
    if args.json:
        console.print_json(summary)
    elif not args.quiet:
        _say(summary)
    return 0


def _say(summary: dict[str, Any]) -> None:
    lines = [
        f"{summary['output']}: {count(summary['rows'], 'row')}, {count(summary.get('spans', 0), 'entity')} in "
        f"{count(summary['files'], 'file')}"
    ]
    reasons = {name.removeprefix("error:"): number for name, number in summary.items() if name.startswith("error:")}
    if reasons:
        told = ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in reasons.items())
        lines.append(f"{count(summary['errors'], 'row')} without labels ({told}): their column 'error' says why")
    if summary["complete"]:
        lines.append("complete: nothing was left to do")
    elif summary["resumed"]:
        lines.append(f"resumed: {count(summary['resumed'], 'file')} of an interrupted run were there")
    lines.append(f"{summary['seconds']:.1f} s")
    console.say(*lines, quiet=False)
