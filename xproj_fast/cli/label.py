"""``xproj-fast label``: unlabelled text in, labelled text out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import (
    console,
    learning,
    options,
    pipeline_options,
    projecting,
    ray,
    reading,
    reviewing,
    stages,
    usage,
)
from xproj_fast.cli.lists import names
from xproj_fast.cli.parser import rare
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.runs.label_options import LabelModels, LabelOptions

DESCRIPTION = """\
Label text of a language without training data: translate it into English, tag
that, and project the labels back.
"""

EPILOG = """\
example:
  xproj-fast label --language bam_Latn --translator models/nllb \\
      --tagger models/ner --aligner models/align news.txt -o news.conll

Translate-test (arXiv 2501.18750): each sentence is translated into English, the
English is tagged, and its entities are projected onto the words of the original.
Other ways: --pipeline back-translation projects from the tagged English
translated back, with its entities marked; --pipeline transfer tags the text
itself, the baseline that projection must beat.

A run can be stopped at any moment, also by kill -9, and resumed (--resume).
OUT.manifest.json says what the output was made from, and counts what was
projected, what was not, and why. Sentences that could not be translated have no
labels, and are listed in OUT.problems.jsonl.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("label", description=DESCRIPTION, epilog=EPILOG)
    files = parser.add_argument_group("input and output")
    pipeline_options.add_input(
        files,
        "text, one sentence per line, CoNLL, JSONL or Parquet; also .gz and .zst; '-' = standard input",
        reading.word_formats(),
    )
    options.add(files, "--tokenized")
    files.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="labelled file; a name that ends in / is a folder of parts"
    )
    options.add(files, "--output-format", "--with-source", "--keep-columns")
    reviewing.add_review(files)
    options.add_resume(files)
    model = parser.add_argument_group("languages and models")
    model.add_argument("--language", required=True, metavar="CODE", help="language of the text, such as bam_Latn")
    model.add_argument(
        "--pivot",
        type=names,
        default=("eng_Latn",),
        metavar="A,B",
        help="language to tag in; what several say is added up (default: eng_Latn)",
    )
    model.add_argument(
        "--pipeline",
        default="translate-test",
        choices=["translate-test", "back-translation", "transfer"],
        help="see below (default: translate-test)",
    )
    options.add(model, "--tagger", required=True)
    options.add(model, "--translator")
    pipeline_options.add_aligner(model)
    options.add(model, "--target-tagger")
    rare(
        model.add_argument(
            "--back-translator",
            type=Path,
            metavar="DIR",
            help="folder of a translator that keeps markers, for back-translation (default: the translator)",
        )
    )
    options.add(model, "--markers", "--marker-spaces", rare=True)
    labels = parser.add_argument_group("labels")
    options.add(labels, "--labels", "--drop-labels", "--rename")
    options.add(labels, "--target-rename")
    options.add(pipeline_options.add_translation(parser), "--max-sentence-words", "--chinese")
    pipeline_options.add_alignment(parser)
    projecting.add_method(parser)
    reading.add_conll(parser, tags=False)
    reading.add_jsonl(parser, entities=False)
    pipeline_options.add_running(parser)
    ray.add_ray(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Load the models, run the pipeline, say what came of it."""
    from xproj_fast.runs.labelling import label

    options.refuse_overwriting(Path(args.output), args.input)
    ray.check(args)
    how = _options(args)
    review = _review(args, how)
    if args.ray is not None:
        return ray.label(args, how)
    models = _models(args, how)
    summary = stages.carried_out(args, "labelling", label, models, how)
    review.read(Path(args.output), args.output_format)
    review.write()
    summary |= review.told
    if args.json:
        console.print_json(summary)
    elif not args.quiet:
        _say(summary)
    return 0


def _options(args: argparse.Namespace) -> LabelOptions:
    from xproj_fast.runs.label_options import LabelOptions

    if args.pipeline == "transfer":
        own = ("translator", "aligner", "target_tagger", "pivot", "compute_type", "max_sentence_words")
        usage.refuse(args, (*own, *pipeline_options.translation_options()), "--pipeline transfer")
        usage.refuse(args, (*pipeline_options.alignment_options(), *projecting.method_options()), "--pipeline transfer")
    if args.aligner is None:
        usage.require(args, pipeline_options.alignment_options(), "--aligner")
    if args.target_tagger is None:
        usage.require(args, ("target_rename",), "--target-tagger")
    if args.pipeline != "back-translation":
        usage.require(args, ("back_translator", "markers", "marker_spaces"), "--pipeline back-translation")
    method = projecting.method_of(args)
    tag = pipeline_options.tagger_options(args.rename, args.drop_labels)
    if args.pipeline != "transfer":
        stages.check_models(args, translator=True, aligner=method.needs_links, target_tagger=method.needs_tagger)
    with usage.usage_errors():
        return LabelOptions(
            language=args.language,
            pipeline=args.pipeline,
            pivot=args.pivot[0],
            more_pivots=args.pivot[1:],
            labels=args.labels,
            method=method,
            translate=pipeline_options.translate_options(args),
            tag=tag,
            target_tag=pipeline_options.tagger_options(args.target_rename),
            align=pipeline_options.align_options(args),
            markers=pipeline_options.marker_options(args),
            chinese=args.chinese,
            max_sentence_words=args.max_sentence_words,
            threads=args.threads,
        )


def _review(args: argparse.Namespace, how: LabelOptions) -> reviewing.Review:
    """Return what is written for people to correct: it is read from the output, which must tell confidences."""
    from xproj_fast.formats.registry import FORMATS, format_of

    if args.review is not None and args.ray is not None:
        usage.refuse(args, ("review",), "--ray")
    if args.review is not None:
        able = [name for name in FORMATS if FORMATS[name].confidences]
        is_file = args.output != "-" and not args.output.endswith("/")
        if not is_file or format_of(Path(args.output), args.output_format) not in able:
            raise usage.UsageError(
                f"--review: requires output to a file of {projecting.either(able)}, which tells how sure it is, got "
                f"{args.output}"
            )
    return reviewing.Review(args, how.translates and how.method.tells_confidence, args.input)


def _models(args: argparse.Namespace, how: LabelOptions) -> LabelModels:
    """Load what is needed; the tagger first, as it is small and its classes may be wrong."""
    from xproj_fast.runs.classes import tagger_options
    from xproj_fast.runs.label_options import LabelModels

    tagger = pipeline_options.load(args, "tagger")["tagger"]
    tagger_options(tagger, how.tag, how.labels)
    if args.pipeline == "transfer":
        return LabelModels(tagger)
    return LabelModels(
        tagger, **pipeline_options.load(args, "translator", "aligner", "target_tagger", "back_translator")
    )


def _say(summary: dict[str, Any]) -> None:
    by_label = ", ".join(f"{name} {number:,}" for name, number in summary["labels"].items())
    lines = [
        f"{summary['output']}: {count(summary['sentences'], 'sentence')}, {count(summary['spans'], 'entity')} "
        f"({by_label or 'none'})"
    ]
    projected = summary.get("projected", summary["entities"])  # with --pipeline transfer, nothing is projected
    if summary["entities"] > projected:
        told = projecting.missed(summary)
        lines.append(f"{summary['entities'] - projected:,} of {summary['entities']:,} not projected: {told}")
    lines += projecting.sureness(summary)
    lines += learning.said(summary)
    lines += reviewing.said(summary)
    if summary["markers"]:
        told = ", ".join(f"{number:,} {what}" for what, number in summary["markers"].items())
        lines.append(f"{count(summary['tagged'], 'entity')} in the translation; markers that came back: {told}")
    lines += _problem_lines(summary["problems"], summary["output"])
    console.say(*lines, *stages.say_stages(summary), quiet=False)


def _problem_lines(problems: dict[str, int], output: str) -> list[str]:
    """Return what is said about sentences that could not be translated."""
    if not problems:
        return []
    told = ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in problems.items())
    where = f"{output}{'part-*' if output.endswith('/') else ''}.problems.jsonl"
    return [f"{count(sum(problems.values()), 'sentence')} could not be translated ({told}): listed in {where}"]
