"""Cross-lingual projection of named-entity labels, fast.

>>> import xproj_fast as xp
>>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
>>> xp.project(pairs).tags()[7]
['B-LOC', 'O', 'O', 'O', 'B-LOC', 'O', 'B-MISC', 'O', 'O']

Names load on first use, so that importing the package costs little more than importing NumPy.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xproj_fast.arrays import (
        Entities,
        Links,
        Matches,
        Outcome,
        PairScores,
        Proof,
        Spans,
        Status,
        WordProbabilities,
        Words,
    )
    from xproj_fast.errors import InputError, InternalError, MissingDependencyError
    from xproj_fast.evaluation import Evaluation, evaluate
    from xproj_fast.export.aligner import export_aligner
    from xproj_fast.export.tagger import export_tagger
    from xproj_fast.export.translator import export_translator
    from xproj_fast.formats import (
        ConllOptions,
        JsonlOptions,
        PharaohOptions,
        ReadOptions,
        iter_pairs,
        open_writer,
        parse_pharaoh,
        read_labelled,
        read_pairs,
        read_sentences,
        write,
        write_pharaoh,
    )
    from xproj_fast.kernels.protocol import HeuristicOptions
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.matching.limit import Limit
    from xproj_fast.method import Method
    from xproj_fast.models.alignment import Alignment, NeuralAlignOptions, StatisticalAlignOptions
    from xproj_fast.models.neural_aligner import Aligner
    from xproj_fast.models.statistical_aligner import align_statistically
    from xproj_fast.models.tagger import Tagger
    from xproj_fast.models.tagging import Tagged, TaggerOptions
    from xproj_fast.models.translation import TranslateOptions, Translation
    from xproj_fast.models.translator import Translator
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.projected import ProjectedPair
    from xproj_fast.projection import ProjectedSpan, Projection
    from xproj_fast.projector import project
    from xproj_fast.runs.aligning import align_file
    from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
    from xproj_fast.runs.augmenting import augment
    from xproj_fast.runs.engine import Running
    from xproj_fast.runs.inputs import InputOptions
    from xproj_fast.runs.label_options import LabelModels, LabelOptions
    from xproj_fast.runs.labelling import label
    from xproj_fast.runs.markers import MarkerOptions
    from xproj_fast.runs.tagging import tag_file
    from xproj_fast.runs.translating import translate_file
    from xproj_fast.scores.columns import PairColumns, pair_columns
    from xproj_fast.scores.evidence import Evidence
    from xproj_fast.scores.options import MtOptions, NerOptions, StringOptions

# A source tree on the path, as in a clone's root. A core that is there and does not load is another matter, for
# kernels.get to report.
if find_spec("xproj_fast._core") is None:
    raise ImportError("xproj_fast is not built: pip install -e . (or make)")

__version__ = "0.1.0"

_HOME = {
    "xproj_fast.arrays": (
        "Entities",
        "Links",
        "Matches",
        "Outcome",
        "PairScores",
        "Proof",
        "Spans",
        "Status",
        "WordProbabilities",
        "Words",
    ),
    "xproj_fast.errors": ("InputError", "InternalError", "MissingDependencyError"),
    "xproj_fast.evaluation": ("Evaluation", "evaluate"),
    "xproj_fast.export.aligner": ("export_aligner",),
    "xproj_fast.export.tagger": ("export_tagger",),
    "xproj_fast.export.translator": ("export_translator",),
    "xproj_fast.formats": (
        "ConllOptions",
        "JsonlOptions",
        "PharaohOptions",
        "ReadOptions",
        "iter_pairs",
        "open_writer",
        "parse_pharaoh",
        "read_labelled",
        "read_pairs",
        "read_sentences",
        "write",
        "write_pharaoh",
    ),
    "xproj_fast.kernels.protocol": ("HeuristicOptions",),
    "xproj_fast.matching.limit": ("Limit",),
    "xproj_fast.method": ("Method",),
    "xproj_fast.models.alignment": ("Alignment", "NeuralAlignOptions", "StatisticalAlignOptions"),
    "xproj_fast.models.neural_aligner": ("Aligner",),
    "xproj_fast.models.statistical_aligner": ("align_statistically",),
    "xproj_fast.models.tagger": ("Tagger",),
    "xproj_fast.models.tagging": ("Tagged", "TaggerOptions"),
    "xproj_fast.models.translation": ("TranslateOptions", "Translation"),
    "xproj_fast.models.translator": ("Translator",),
    "xproj_fast.labelled": ("LabelledSentences",),
    "xproj_fast.pairs": ("SentencePairs",),
    "xproj_fast.projected": ("ProjectedPair",),
    "xproj_fast.projection": ("ProjectedSpan", "Projection"),
    "xproj_fast.projector": ("project",),
    "xproj_fast.runs.aligning": ("align_file",),
    "xproj_fast.runs.augment_options": ("AugmentModels", "AugmentOptions"),
    "xproj_fast.runs.augmenting": ("augment",),
    "xproj_fast.runs.engine": ("Running",),
    "xproj_fast.runs.inputs": ("InputOptions",),
    "xproj_fast.runs.label_options": ("LabelModels", "LabelOptions"),
    "xproj_fast.runs.labelling": ("label",),
    "xproj_fast.runs.markers": ("MarkerOptions",),
    "xproj_fast.runs.tagging": ("tag_file",),
    "xproj_fast.runs.translating": ("translate_file",),
    "xproj_fast.scores.columns": ("PairColumns", "pair_columns"),
    "xproj_fast.scores.evidence": ("Evidence",),
    "xproj_fast.scores.options": ("MtOptions", "NerOptions", "StringOptions"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Aligner",
    "Alignment",
    "AugmentModels",
    "AugmentOptions",
    "ConllOptions",
    "Entities",
    "Evaluation",
    "Evidence",
    "HeuristicOptions",
    "InputError",
    "InputOptions",
    "InternalError",
    "JsonlOptions",
    "LabelModels",
    "LabelOptions",
    "LabelledSentences",
    "Limit",
    "Links",
    "MarkerOptions",
    "Matches",
    "Method",
    "MissingDependencyError",
    "MtOptions",
    "NerOptions",
    "NeuralAlignOptions",
    "Outcome",
    "PairColumns",
    "PairScores",
    "PharaohOptions",
    "ProjectedPair",
    "ProjectedSpan",
    "Projection",
    "Proof",
    "ReadOptions",
    "Running",
    "SentencePairs",
    "Spans",
    "StatisticalAlignOptions",
    "Status",
    "StringOptions",
    "Tagged",
    "Tagger",
    "TaggerOptions",
    "TranslateOptions",
    "Translation",
    "Translator",
    "WordProbabilities",
    "Words",
    "__version__",
    "align_file",
    "align_statistically",
    "augment",
    "evaluate",
    "export_aligner",
    "export_tagger",
    "export_translator",
    "iter_pairs",
    "label",
    "open_writer",
    "pair_columns",
    "parse_pharaoh",
    "project",
    "read_labelled",
    "read_pairs",
    "read_sentences",
    "tag_file",
    "translate_file",
    "write",
    "write_pharaoh",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
