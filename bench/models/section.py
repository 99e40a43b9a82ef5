"""One section of ``run.py``, in this process."""

from __future__ import annotations

import argparse
import sys
import warnings
from importlib import import_module
from pathlib import Path

from .setup import Setup

MODULES = {"tokenize": "tokenization"}


def main() -> int:
    """Print the rows of a section; 1 where one misses its target."""
    parser = argparse.ArgumentParser()
    parser.add_argument("section")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    args = parser.parse_args()
    setup = Setup(args.cache, args.peers, args.quick, args.tiny)
    if args.section == "checkpoints":
        setup.make_all()
        return 0
    _one_thread()
    missed = 0
    module = import_module(f".{MODULES.get(args.section, args.section)}", __package__)
    for what, target, figure, met in module.rows(setup):
        missed += met is False
        print(f"| {what} | {target} | {figure} | {'' if met is None else 'yes' if met else '**no**'} |", flush=True)
    return 1 if missed else 0


def _one_thread() -> None:
    import torch
    from transformers.utils import logging

    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "Tokenizer does not support real words")  # the pipeline on XLM-R's tokenizer
    logging.set_verbosity_error()
    logging.disable_progress_bar()


if __name__ == "__main__":
    sys.exit(main())
