"""What the first projection of a process loads: a service that starts for one sentence waits for every module."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROJECTED = """
import sys
import xproj_fast as xp
pairs = xp.SentencePairs.from_lists([["Ada", "left"]], [["Ada", "ging"]], [[(0, 1, "PER")]], [[(0, 0), (1, 1)]])
xp.project(pairs, **{options!r}).tags()
print(*sorted(sys.modules))
"""
PACKAGES = {"highspy", "rapidfuzz", "numba", "torch", "onnxruntime", "ctranslate2", "tokenizers", "transformers"}


def loaded(code: str) -> set[str]:
    """Return the modules that a program loads."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def of_ours(modules: set[str], *floors: str) -> set[str]:
    return {name for name in modules if name.startswith(tuple(f"xproj_fast.{floor}." for floor in floors))}


@pytest.mark.parametrize("options", [{}, {"matcher": "greedy", "scores": "alignment", "limit": "<=2"}], ids=str)
def test_greedy_on_alignments_loads_nothing_that_other_methods_need(options: dict[str, str]) -> None:
    modules = loaded(PROJECTED.format(options=options))
    assert modules.isdisjoint(PACKAGES)
    assert modules.isdisjoint({"importlib.metadata", "difflib", "xproj_fast.labelled", "xproj_fast.sentence"})
    made_by_name = {"alignment", "ner", "string", "mt", "mt_choice", "phrases"}
    assert of_ours(modules, "scores") & {f"xproj_fast.scores.{name}" for name in made_by_name} == {
        "xproj_fast.scores.alignment"
    }
    matchers = {f"xproj_fast.matching.{name}" for name in ("exact", "greedy", "ilp")}
    assert of_ours(modules, "matching") & matchers == {"xproj_fast.matching.greedy"}
    assert of_ours(modules, "text", "formats", "models", "runs", "report", "export", "cli") == set()


def test_the_package_itself_loads_nothing_of_ours() -> None:
    modules = loaded("import sys, xproj_fast\nprint(*sorted(sys.modules))")
    assert {name for name in modules if name.startswith("xproj_fast")} == {"xproj_fast"}
    assert "numpy" not in modules


def test_what_a_method_names_is_loaded() -> None:
    modules = loaded(PROJECTED.format(options={"matcher": "exact", "scores": {"alignment": 1, "string": 1}}))
    assert {"xproj_fast.matching.exact", "xproj_fast.scores.string"} <= modules
