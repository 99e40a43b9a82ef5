"""Opens Hugging Face checkpoints: whole, in float32, and without a word on standard error.

transformers makes up weights that a checkpoint lacks and only warns of it; here that is an error.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xproj_fast import __version__
from xproj_fast.errors import InputError
from xproj_fast.packages import need

# Byte-level BPE tells the first word of a text from the others, and would split the words of a list another way.
NEEDS_PREFIX_SPACE = ("roberta", "deberta", "longformer", "gpt2")
LAYER = re.compile(r"\blayers?\.\d+\.")  # the name of a weight inside one
PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "onnx",
    "onnxruntime-gpu",
    "onnxruntime",
    "ctranslate2",
)


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Configuration and tokenizer of a checkpoint.

    Attributes:
        source: the folder or hub name it was asked for by.
        revision: the commit that a hub name stood for, or None.
        config: transformers' configuration.
        tokenizer: transformers' tokenizer, of the kind that runs on the package tokenizers.
    """

    source: str
    revision: str | None
    config: Any
    tokenizer: Any

    @property
    def architecture(self) -> str:
        """The model type: ``"bert"``, ``"xlm-roberta"``, ``"m2m_100"``, ..."""
        return str(self.config.model_type)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars, log lines and warnings of transformers and its hub; all is put back afterwards."""
    logs = need("transformers.utils.logging", "export")
    hub = need("huggingface_hub.utils", "export")
    verbosity, bars, hub_bars = logs.get_verbosity(), logs.is_progress_bar_enabled(), hub.are_progress_bars_disabled()
    hub_verbosity = hub.logging.get_verbosity()
    logs.set_verbosity(logs.CRITICAL)
    hub.logging.set_verbosity(logs.CRITICAL)  # it tells of every retry
    logs.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(transformers|huggingface_hub|torch)(\.|$)")
        warnings.filterwarnings("ignore", module=r"transformers|huggingface_hub")
        if not hub_bars:
            hub.disable_progress_bars()
        try:
            yield
        finally:
            logs.set_verbosity(verbosity)
            hub.logging.set_verbosity(hub_verbosity)
            if bars:
                logs.enable_progress_bar()
            if not hub_bars:
                hub.enable_progress_bars()


def open_checkpoint(source: str | Path, revision: str | None = None) -> Checkpoint:
    """Read configuration and tokenizer of a checkpoint.

    Args:
        source: a folder that ``save_pretrained`` wrote, or a name on the Hugging Face hub.
        revision: branch, tag or commit on the hub; None = its main branch.

    Raises:
        InputError: for a folder that is none, one without a usable configuration or tokenizer, a name that the hub
            does not know or that cannot be reached, and a tokenizer only Python code can run or that lower-cases
            text for a vocabulary with capitals.
        MissingDependencyError: without the packages of the extra ``export``.
    """
    name = str(source)
    if name.strip() and Path(name).is_dir():
        if revision is not None:
            raise InputError(f"{name}: expected no revision with a folder, got {revision!r}")
        if not (Path(name) / "config.json").is_file():
            raise InputError(f"{name}: expected the folder of a Hugging Face checkpoint, got one without config.json")
    elif Path(name).exists() or _is_path(name):
        kind = "a file" if Path(name).is_file() else "nothing there"
        raise InputError(f"{name}: expected the folder of a Hugging Face checkpoint or a name on its hub, got {kind}")
    with quiet():
        config = _load(need("transformers", "export").AutoConfig, name, "config.json", revision=revision)
        extra = {"add_prefix_space": True} if config.model_type in NEEDS_PREFIX_SPACE else {}
        commit = revision if Path(name).is_dir() else _commit(name, revision)
        tokenizer = _load(need("transformers", "export").AutoTokenizer, name, "tokenizer", revision=commit, **extra)
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            f"{name}: expected a tokenizer that the package tokenizers can run, got {type(tokenizer).__name__}, which "
            "only Python code can"
        )
    added = {*tokenizer.get_added_vocab(), *tokenizer.all_special_tokens}
    if added >= set(tokenizer.get_vocab()):  # transformers makes an empty one up where the files are missing
        raise InputError(f"{name}: expected the files of a tokenizer (tokenizer.json), got none with a vocabulary")
    capitals = [piece for piece in tokenizer.get_vocab() if piece not in added and piece != piece.lower()]
    if getattr(tokenizer, "do_lower_case", False) and len(capitals) > len(tokenizer) / 100:  # a few are in any
        raise InputError(
            f"{name}: expected a tokenizer that keeps the case of its vocabulary ({', '.join(sorted(capitals)[:3])}, "
            '...), got one that lower-cases: add "do_lower_case": false to its tokenizer_config.json'
        )
    return Checkpoint(name, commit, config, tokenizer)


def load_model(checkpoint: Checkpoint, auto_class: str, *, unused: tuple[str, ...] = ()) -> Any:
    """Return the model in float32, ready to be run, with attention written out (``eager``).

    Args:
        checkpoint: whose model.
        auto_class: a class of transformers, ``"AutoModel"`` or ``"AutoModelForTokenClassification"``.
        unused: beginnings of the names of weights that may be missing, as nothing will use them.

    Raises:
        InputError: where weights are missing, do not fit, or cannot be read, where there are more layers than the
            configuration says, and for an architecture the class does not know.
    """
    transformers, torch = need("transformers", "export"), need("torch", "export")
    with quiet():
        model, info = _load(
            getattr(transformers, auto_class),
            checkpoint.source,
            "model",
            revision=checkpoint.revision,
            dtype=torch.float32,
            attn_implementation="eager",
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they come back named, and are an error below
        )
    for weight, got, expected in sorted(info["mismatched_keys"]):
        raise InputError(
            f"{checkpoint.source}: expected the weight {weight} of shape {tuple(expected)}, as config.json has it, got "
            f"{tuple(got)}"
        )
    unread = sorted(filter(LAYER.search, info["unexpected_keys"]))
    if unread:  # heads are another matter
        raise InputError(
            f"{checkpoint.source}: expected the layers that config.json tells of, got more weights in the checkpoint, "
            f"which nothing would read: {', '.join(unread[:4])}"
        )
    missing = sorted(name for name in info["missing_keys"] if not name.startswith(unused))
    if missing:
        names = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        made = getattr(checkpoint.config, "architectures", None) or ["an unknown class"]
        raise InputError(
            f"{checkpoint.source}: expected all weights of {type(model).__name__}, got a checkpoint of {made[0]} "
            f"without {names}: they would be random"
        )
    return model.eval()


def package_versions() -> dict[str, str]:
    """Return the versions of all packages that take part in an export."""
    found = {"xproj-fast": __version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit(name: str, revision: str | None) -> str | None:
    """Return the commit a revision on the hub stands for, by where its configuration lies in the cache."""
    hub = need("transformers.utils.hub", "export")
    found: str | None = hub.extract_commit_hash(hub.cached_file(name, "config.json", revision=revision), None)
    return found or revision


def _is_path(name: str) -> bool:
    """Whether a name that is no folder was meant as one: the hub's names are ``model`` or ``user/model``."""
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name or not name.strip()


def _load(auto_class: Any, name: str, what: str, **options: Any) -> Any:
    try:
        return auto_class.from_pretrained(name, trust_remote_code=False, **options)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError) as error:
        local = Path(name).is_dir()
        reason = " ".join(str(error).split())
        if isinstance(error, OSError) and not local:
            raise InputError(
                f"{name}: expected a folder here or a checkpoint on the Hugging Face hub, got neither; without network "
                f"fetch it elsewhere (hf download {name} --local-dir DIR) and give the folder; the hub said: {reason}"
            ) from None
        raise InputError(
            f"{name}: expected a checkpoint whose {what} {auto_class.__name__} loads, got "
            f"{type(error).__name__}: {reason[:500]}"
        ) from error
    except Exception as error:  # safetensors' and tokenizers' errors have no other base class
        raise InputError(
            f"{name}: expected a checkpoint whose {what} can be read, got {type(error).__name__}: {error}"
        ) from error
