"""Every speed target of the models, measured in one run: prints a table of target, figure and verdict.

    make bench-models     (or: .venv/bin/python bench/models/run.py [--only NAME ...] [--quick])

Full-size architectures with random weights and locally trained tokenizers, made and exported once into a cache (some
12 GB). Real sentences of every length the corpus has. One thread each side; the contenders of a ratio run in turn, in
one process (peers that need other packages: in a process of their own that waits for its turn), and the median of the
paired ratios is quoted. ``bench/models/peer_env.sh`` makes the peers' environments.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
SECTIONS = ("checkpoints", "translate", "tag", "align", "encoders", "extraction", "tokenize", "mt", "pipeline")
ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS")
PACKAGES = ("xproj-fast", "torch", "transformers", "ctranslate2", "onnxruntime-gpu", "tokenizers")


def versions() -> str:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except ModuleNotFoundError:  # run from a source tree
            found.append(package)
    return ", ".join(found)


def main() -> int:
    """Run the sections, each as a process of its own: what one leaves in memory is no burden on the next."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="few sentences, one round: shows that it works")
    parser.add_argument("--tiny", action="store_true", help="models of toy size: shows that it works, in seconds")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/xproj_fast_bench"), help="default: %(default)s")
    parser.add_argument(
        "--peers", type=Path, default=BENCH.parent / ".venv-peers", help="environments awesome and simalign"
    )
    args = parser.parse_args()
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    print(f"Python {platform.python_version()}, {versions()}; {cpu}, {os.cpu_count()} cores\n")
    print("| what | target | measured | met |\n|---|--:|--:|---|", flush=True)
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
    environment |= {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    command = [sys.executable, "-m", "models.section", "--cache", str(args.cache), "--peers", str(args.peers.resolve())]
    command += ["--quick"] * args.quick + ["--tiny"] * args.tiny
    # Started in bench/: the package that is measured is the installed one, not the source tree.
    codes = [subprocess.run([*command, name], check=False, cwd=BENCH, env=environment).returncode for name in args.only]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
