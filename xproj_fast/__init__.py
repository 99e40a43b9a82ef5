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
    from xproj_fast.arrays import Entities as Entities
    from xproj_fast.arrays import Links as Links
    from xproj_fast.arrays import Matches as Matches
    from xproj_fast.arrays import Outcome as Outcome
    from xproj_fast.arrays import PairScores as PairScores
    from xproj_fast.arrays import Proof as Proof
    from xproj_fast.arrays import Spans as Spans
    from xproj_fast.arrays import Status as Status
    from xproj_fast.arrays import WordProbabilities as WordProbabilities
    from xproj_fast.arrays import Words as Words
    from xproj_fast.arrow_pairs import Columns as Columns
    from xproj_fast.batches import Projector as Projector
    from xproj_fast.calibration import Calibration as Calibration
    from xproj_fast.calibration import calibrate as calibrate
    from xproj_fast.calibration import fit_calibration as fit_calibration
    from xproj_fast.difference import Difference as Difference
    from xproj_fast.difference import Differences as Differences
    from xproj_fast.difference import differences as differences
    from xproj_fast.errors import InputError as InputError
    from xproj_fast.errors import InternalError as InternalError
    from xproj_fast.errors import MissingDependencyError as MissingDependencyError
    from xproj_fast.evaluation import Evaluation as Evaluation
    from xproj_fast.evaluation import evaluate as evaluate
    from xproj_fast.export.aligner import export_aligner as export_aligner
    from xproj_fast.export.tagger import export_tagger as export_tagger
    from xproj_fast.export.translator import export_translator as export_translator
    from xproj_fast.formats.conll import ConllOptions as ConllOptions
    from xproj_fast.formats.files import read_labelled as read_labelled
    from xproj_fast.formats.files import read_sentences as read_sentences
    from xproj_fast.formats.jsonl import JsonlOptions as JsonlOptions
    from xproj_fast.formats.pair_files import ReadOptions as ReadOptions
    from xproj_fast.formats.pair_files import iter_pairs as iter_pairs
    from xproj_fast.formats.pair_files import read_pairs as read_pairs
    from xproj_fast.formats.pharaoh import PharaohOptions as PharaohOptions
    from xproj_fast.formats.pharaoh import parse_pharaoh as parse_pharaoh
    from xproj_fast.formats.pharaoh import write_pharaoh as write_pharaoh
    from xproj_fast.formats.review import write_review as write_review
    from xproj_fast.formats.writers import open_writer as open_writer
    from xproj_fast.formats.writers import write as write
    from xproj_fast.kernels.protocol import HeuristicOptions as HeuristicOptions
    from xproj_fast.labelled import LabelledSentences as LabelledSentences
    from xproj_fast.matching.limit import Limit as Limit
    from xproj_fast.method import Method as Method
    from xproj_fast.models.alignment import Alignment as Alignment
    from xproj_fast.models.alignment import EflomalOptions as EflomalOptions
    from xproj_fast.models.alignment import NeuralAlignOptions as NeuralAlignOptions
    from xproj_fast.models.alignment import StatisticalAlignOptions as StatisticalAlignOptions
    from xproj_fast.models.eflomal import align_with_eflomal as align_with_eflomal
    from xproj_fast.models.neural_aligner import Aligner as Aligner
    from xproj_fast.models.statistical_aligner import StatisticalAligner as StatisticalAligner
    from xproj_fast.models.statistical_aligner import align_statistically as align_statistically
    from xproj_fast.models.tagger import Tagger as Tagger
    from xproj_fast.models.tagging import Tagged as Tagged
    from xproj_fast.models.tagging import TaggerOptions as TaggerOptions
    from xproj_fast.models.translation import TranslateOptions as TranslateOptions
    from xproj_fast.models.translation import Translation as Translation
    from xproj_fast.models.translator import Translator as Translator
    from xproj_fast.pairs import SentencePairs as SentencePairs
    from xproj_fast.projected import ProjectedPair as ProjectedPair
    from xproj_fast.projection import ProjectedSpan as ProjectedSpan
    from xproj_fast.projection import Projection as Projection
    from xproj_fast.projector import project as project
    from xproj_fast.reliability import Reliability as Reliability
    from xproj_fast.runs.aligning import align_file as align_file
    from xproj_fast.runs.augment_batches import AugmentBatches as AugmentBatches
    from xproj_fast.runs.augment_options import AugmentModels as AugmentModels
    from xproj_fast.runs.augment_options import AugmentOptions as AugmentOptions
    from xproj_fast.runs.augmenting import augment as augment
    from xproj_fast.runs.engine import Running as Running
    from xproj_fast.runs.inputs import InputOptions as InputOptions
    from xproj_fast.runs.inputs import parts_from as parts_from
    from xproj_fast.runs.label_batches import LabelBatches as LabelBatches
    from xproj_fast.runs.label_options import LabelModels as LabelModels
    from xproj_fast.runs.label_options import LabelOptions as LabelOptions
    from xproj_fast.runs.label_steps import label_stream as label_stream
    from xproj_fast.runs.labelling import label as label
    from xproj_fast.runs.markers import MarkerOptions as MarkerOptions
    from xproj_fast.runs.model_paths import ModelPaths as ModelPaths
    from xproj_fast.runs.tagging import tag_file as tag_file
    from xproj_fast.runs.translating import translate_file as translate_file
    from xproj_fast.scores.columns import PairColumns as PairColumns
    from xproj_fast.scores.columns import pair_columns as pair_columns
    from xproj_fast.scores.evidence import Evidence as Evidence
    from xproj_fast.scores.learned_score import LearnedScore as LearnedScore
    from xproj_fast.scores.learning import learn as learn
    from xproj_fast.scores.options import LearnedOptions as LearnedOptions
    from xproj_fast.scores.options import MtOptions as MtOptions
    from xproj_fast.scores.options import NerOptions as NerOptions
    from xproj_fast.scores.options import StringOptions as StringOptions

# A source tree on the path, as in a clone's root. A core that is there and does not load is another matter, for
# kernels.get to report.
if find_spec("xproj_fast._core") is None:
    raise ImportError("xproj_fast is not built: pip install -e . (or make)")

__version__ = "0.1.0"

_HOME = {
    "arrays": "Entities Links Matches Outcome PairScores Proof Spans Status WordProbabilities Words",
    "arrow_pairs": "Columns",
    "batches": "Projector",
    "calibration": "Calibration calibrate fit_calibration",
    "difference": "Difference Differences differences",
    "errors": "InputError InternalError MissingDependencyError",
    "evaluation": "Evaluation evaluate",
    "export.aligner": "export_aligner",
    "export.tagger": "export_tagger",
    "export.translator": "export_translator",
    "formats.conll": "ConllOptions",
    "formats.files": "read_labelled read_sentences",
    "formats.jsonl": "JsonlOptions",
    "formats.pair_files": "ReadOptions iter_pairs read_pairs",
    "formats.pharaoh": "PharaohOptions parse_pharaoh write_pharaoh",
    "formats.review": "write_review",
    "formats.writers": "open_writer write",
    "labelled": "LabelledSentences",
    "kernels.protocol": "HeuristicOptions",
    "matching.limit": "Limit",
    "method": "Method",
    "models.alignment": "Alignment EflomalOptions NeuralAlignOptions StatisticalAlignOptions",
    "models.eflomal": "align_with_eflomal",
    "models.neural_aligner": "Aligner",
    "models.statistical_aligner": "StatisticalAligner align_statistically",
    "models.tagger": "Tagger",
    "models.tagging": "Tagged TaggerOptions",
    "models.translation": "TranslateOptions Translation",
    "models.translator": "Translator",
    "pairs": "SentencePairs",
    "projected": "ProjectedPair",
    "projection": "ProjectedSpan Projection",
    "projector": "project",
    "reliability": "Reliability",
    "runs.aligning": "align_file",
    "runs.augment_batches": "AugmentBatches",
    "runs.augment_options": "AugmentModels AugmentOptions",
    "runs.augmenting": "augment",
    "runs.engine": "Running",
    "runs.inputs": "InputOptions parts_from",
    "runs.label_batches": "LabelBatches",
    "runs.label_options": "LabelModels LabelOptions",
    "runs.label_steps": "label_stream",
    "runs.labelling": "label",
    "runs.markers": "MarkerOptions",
    "runs.model_paths": "ModelPaths",
    "runs.tagging": "tag_file",
    "runs.translating": "translate_file",
    "scores.columns": "PairColumns pair_columns",
    "scores.evidence": "Evidence",
    "scores.learned_score": "LearnedScore",
    "scores.learning": "learn",
    "scores.options": "LearnedOptions MtOptions NerOptions StringOptions",
}
_MODULE_OF = {name: f"{__name__}.{module}" for module, names in _HOME.items() for name in names.split()}

__all__ = sorted([*_MODULE_OF, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
