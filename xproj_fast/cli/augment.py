"""``xproj-fast augment``: labelled sentences in, labelled sentences of other languages out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, learning, options, pipeline_options, projecting, ray, reading, stages, usage
from xproj_fast.cli.lists import names
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.runs.augment_options import AugmentOptions

DESCRIPTION = """\
Turn labelled sentences into training data in other languages: translate them,
and project their labels onto the translations.
"""

EPILOG = """\
example:
  xproj-fast augment train.conll --languages swh_Latn,yor_Latn \\
      --translator models/nllb --aligner models/align -o out/

Translate-train (arXiv 2501.18750): each labelled sentence is translated into
every language, and its entities are projected onto the translation; with
--markers they are marked in the text and read off its translation, without an
aligner. A sentence whose translation failed is left out of that language and
listed in out/problems.jsonl; out/manifest.json counts everything. JSONL and
Parquet output has the id of each sentence, or its number in the input.

A run can be stopped at any moment, also by kill -9, and resumed (--resume).
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("augment", description=DESCRIPTION, epilog=EPILOG)
    files = parser.add_argument_group("input and output")
    pipeline_options.add_input(
        files,
        "labelled sentences: CoNLL, JSONL, or Parquet with the Hugging Face hub's columns tokens and ner_tags",
        reading.labelled_formats(),
    )
    files.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for one file per language")
    options.add(files, "--output-format", default="conll", help="format of the output (default: conll)")
    options.add(files, "--with-source")
    options.add_resume(files)
    model = parser.add_argument_group("languages and models")
    model.add_argument(
        "--languages", required=True, type=names, metavar="A,B", help="target languages: swh_Latn,yor_Latn"
    )
    options.add(model, "--from", default="eng_Latn", help="source language, such as eng_Latn (default: eng_Latn)")
    options.add(model, "--translator", required=True)
    pipeline_options.add_aligner(model)
    options.add(model, "--target-tagger", "--markers", "--marker-spaces")
    labels = parser.add_argument_group("labels")
    options.add(labels, "--labels")
    labels.add_argument(
        "--complete-only",
        action="store_true",
        help="leave out translations onto which an entity was not projected",
    )
    options.add(labels, "--target-rename")
    options.add(pipeline_options.add_translation(parser), "--max-sentence-words", "--chinese")
    pipeline_options.add_alignment(parser)
    projecting.add_method(parser)
    reading.add_conll(parser)
    reading.add_jsonl(parser)
    pipeline_options.add_running(parser)
    ray.add_ray(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Load the models, run the pipeline, say what came of it."""
    from xproj_fast.runs.augment_options import AugmentModels
    from xproj_fast.runs.augmenting import augment

    ray.check(args)
    how = _options(args)
    if args.ray is not None:
        return ray.augment(args, how)
    models = AugmentModels(**pipeline_options.load(args, "translator", "aligner", "target_tagger"))
    summary = stages.carried_out(args, "translating", augment, models, how)
    if args.json:
        console.print_json(summary)
    elif not args.quiet:
        _say(summary)
    return 0


def _options(args: argparse.Namespace) -> AugmentOptions:
    from xproj_fast.runs.augment_options import AugmentOptions

    marked = args.markers is not None
    if marked:
        usage.refuse(args, projecting.method_options(), "--markers")
    else:
        usage.require(args, ("marker_spaces",), "--markers")
    if args.aligner is None:
        usage.require(args, pipeline_options.alignment_options(), "--aligner")
    if args.target_tagger is None:
        usage.require(args, ("target_rename",), "--target-tagger")
    method = projecting.method_of(args)
    needs_links, needs_tagger = (need and not marked for need in (method.needs_links, method.needs_tagger))
    stages.check_models(args, aligner=needs_links, target_tagger=needs_tagger)
    with usage.usage_errors():
        return AugmentOptions(
            languages=args.languages,
            source_language=args.source_language,
            labels=args.labels,
            complete_only=args.complete_only,
            markers=pipeline_options.marker_options(args) if marked else None,
            method=method,
            translate=pipeline_options.translate_options(args),
            align=pipeline_options.align_options(args),
            target_tag=pipeline_options.tagger_options(args.target_rename),
            chinese=args.chinese,
            max_sentence_words=args.max_sentence_words,
            threads=args.threads,
        )


def _say(summary: dict[str, Any]) -> None:
    languages = summary["languages"]
    sentences = count(summary["sentences"], "sentence")
    lines = [f"{summary['output']}: {sentences} into {count(len(languages), 'language')}"]
    for code, counts in languages.items():
        line = f"  {code}: {count(counts.get('sentences', 0), 'sentence')}, {count(counts.get('spans', 0), 'entity')}, "
        line += f"{counts.get('not_projected', 0):,} not projected"
        left_out = {
            name.removeprefix("problem:"): number
            for name, number in counts.items()
            if name.startswith("problem:") or name in ("incomplete", "blank")
        }
        if left_out:
            line += "; left out: " + ", ".join(
                f"{number:,} {name.replace('_', ' ')}" for name, number in left_out.items()
            )
        lines.append(line)
    lines += learning.said(summary)
    console.say(*lines, *stages.say_stages(summary), quiet=False)
