"""``xproj-fast doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from xproj_fast import __version__
from xproj_fast.cli import console, options
from xproj_fast.errors import MissingDependencyError
from xproj_fast.wording import count

# package -> what it is for, and how to get it where it is missing
PACKAGES = {
    "numpy": ("arrays", "pip install numpy"),
    "pyarrow": ("strings, Arrow, Parquet, .gz and .zst", "pip install pyarrow"),
    "anyascii": ("aligning words across scripts", "pip install anyascii"),
    "numba": ("the backend 'numba'", "pip install 'xproj-fast[numba]'"),
    "rich": ("tables and progress", "pip install rich"),
    "highspy": ("the ILP, and the exact matcher's last resort", "pip install highspy"),
    "matplotlib": ("the plots of compare", "pip install 'xproj-fast[report]'"),
    "eflomal": ("the aligner eflomal", "pip install 'xproj-fast[eflomal]'"),
    "ctranslate2": ("the translator", "pip install 'xproj-fast[models]'"),
    "onnxruntime-gpu": ("the tagger and the neural aligner", "pip install 'xproj-fast[models]'"),
    "tokenizers": ("subwords of every model", "pip install 'xproj-fast[models]'"),
    "rapidfuzz": ("the string score", "pip install 'xproj-fast[pipelines]'"),
    "jieba": ("words of Chinese text", "pip install 'xproj-fast[pipelines]'"),
    "torch": ("export of models, nothing else", "pip install 'xproj-fast[export]'"),
    "transformers": ("export of models, nothing else", "pip install 'xproj-fast[export]'"),
}
REQUIRED = ("numpy", "pyarrow", "rich")


DESCRIPTION = """\
Check this installation: versions, backends, CPU, GPU, and what each missing part
is for. The exit code is 1 if something that every command needs is missing or
broken.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("doctor", description=DESCRIPTION)
    options.add(parser, "--json")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look, report."""
    from xproj_fast.kernels import BACKENDS

    findings: dict[str, Any] = {
        "xproj_fast": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": _cpus(),
        "gpu": _gpu(),
        "packages": {name: _version(name) for name in PACKAGES},
        "backends": {name: _check_backend(name) for name in BACKENDS},
        "engines": {"onnxruntime": _onnxruntime(), "ctranslate2": _ctranslate2()},
    }
    broken = [name for name in REQUIRED if findings["packages"][name] is None]
    if findings["backends"]["cpp"] != "ok":
        broken.append("backend cpp")
    findings["usable"] = not broken
    if args.json or "rich" in broken:  # which draws the table
        console.print_json(findings)
    else:
        _show(findings)
    return 1 if broken else 0


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu() -> str | None:
    """Return the name of the first NVIDIA GPU, or None; projection itself needs none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    query = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = found.stdout.strip().splitlines()
    return lines[0] if found.returncode == 0 and lines else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _check_backend(name: str) -> str:
    """Project one sentence for real; the answer is known."""
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.projector import project

    try:
        pairs = SentencePairs.from_lists([["Ada", "sings"]], [["singt", "Ada"]], [[(0, 1, "PER")]], [[(0, 1), (1, 0)]])
        tags = project(pairs, backend=name).tags()
    except MissingDependencyError as error:
        return str(error)
    except Exception as error:  # whatever it is, it is what the user wants to know
        return f"broken: {type(error).__name__}: {error}"
    return "ok" if tags == [["O", "B-PER"]] else f"wrong answer: {tags}"


def _onnxruntime() -> str:
    """Say where ONNX Runtime really runs: what it was built for proves nothing."""
    from xproj_fast.models.devices import onnx_cuda_problem
    from xproj_fast.packages import need

    try:
        onnxruntime = need("onnxruntime")
        if _version("onnxruntime") and _version("onnxruntime-gpu"):
            return "broken: onnxruntime and onnxruntime-gpu are both installed; uninstall both, then install one"
        problem = onnx_cuda_problem(0)
    except MissingDependencyError as error:
        return str(error)
    except Exception as error:  # whatever it is, it is what the user wants to know
        return f"broken: {type(error).__name__}: {error}"
    where = "cpu and cuda:0" if problem is None else f"cpu; not cuda: {problem}"
    return f"{onnxruntime.__version__} runs on {where} (CUDA needs CUDA 13 and cuDNN 9: nvidia-*-cu13)"


def _ctranslate2() -> str:
    """Say where CTranslate2 runs, and in which compute types."""
    from xproj_fast.packages import need

    try:
        engine = need("ctranslate2")
        gpus = engine.get_cuda_device_count()
        where = "cpu" if not gpus else f"cpu and {count(gpus, 'GPU')}"
        types = ", ".join(sorted(engine.get_supported_compute_types("cpu")))
    except MissingDependencyError as error:
        return str(error)
    except Exception as error:
        return f"broken: {type(error).__name__}: {error}"
    return f"{engine.__version__} runs on {where} (CUDA needs libcublas.so.12: nvidia-cublas-cu12); on CPU in {types}"


def _show(findings: dict[str, Any]) -> None:
    rows = [
        ("python", findings["python"]),
        ("system", f"{findings['system']}, {count(findings['cpus'], 'CPU')} for this process"),
        ("gpu", findings["gpu"] or "none found (no nvidia-smi); projection needs none"),
        *((f"backend {name}", state) for name, state in findings["backends"].items()),
        *((f"engine {name}", state) for name, state in findings["engines"].items()),
    ]
    for name, found in findings["packages"].items():
        purpose, install = PACKAGES[name]
        rows.append((name, f"{found} - {purpose}" if found else f"missing - {purpose}: {install}"))
    screen = console.Screen()
    screen.table(f"xproj-fast {findings['xproj_fast']}", [("", "left"), ("", "wrap")], rows)
    screen.line("everything that is needed is here" if findings["usable"] else "something needed is missing, see above")
