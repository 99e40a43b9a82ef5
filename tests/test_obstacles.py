"""What stood in the way of embedding, and the tests that it does no more; each of them failed before."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
OBSTACLES = {
    "one bad row kills the batch; its number is within the batch": [
        "test_row_faults.py::test_one_bad_row_is_one_error",
        "test_row_faults.py::test_raised_with_row_and_id",
        "test_row_faults.py::test_all_others_stay_as_they_were",
    ],
    "faults that name no row": [
        "test_row_faults.py::test_raised_with_row_and_id",
        "kernels/test_row_checks.py::test_labels",
    ],
    "dictionaries in the output": ["test_projector_batches.py::test_no_dictionaries_reach_files_of_many_batches"],
    "a schema that depends on the input; columns of the user's dropped": [
        "test_projector_batches.py::test_schema_is_what_comes_out",
        "test_projector_batches.py::test_columns_of_the_users_own",
    ],
    "layouts that were refused": [
        "test_arrow_forms.py::test_the_same_pairs",
        "test_arrow_forms.py::test_lists_of_tags",
        "test_arrow_forms.py::test_names_in_the_metadata",
    ],
    "pyarrow tables alone": ["test_frames.py::test_frames_in", "test_frames.py::test_results_out"],
    "evidence that does not pickle; slices that carry their parent": [
        "test_pickling.py::test_evidence_reaches_another_process",
        "test_row_faults.py::test_a_slice_travels_alone",
    ],
    "text through files alone, and without ids": [
        "runs/test_label_batches.py::test_sentences_in_memory",
        "runs/test_label_batches.py::test_a_run_of_sentences_in_memory_is_gone_on_with",
    ],
    "one manifest, one writer, written anew with each part": [
        "runs/test_journal.py::test_a_part_costs_the_same_however_many_there_are",
        "engines/test_ray_faults.py::test_the_driver_is_killed_and_gone_on_with",
    ],
    "all CPUs in every worker of an engine": [
        "test_thread_count.py::test_the_share_of_a_process",
        "test_projector_batches.py::test_one_thread_unless_told",
    ],
    "stages that cannot run apart": [
        "runs/test_label_batches.py::test_stages_apart_are_the_whole",
        "runs/test_label_batches.py::test_a_projector_reads_what_the_stages_hand_on",
    ],
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_each_has_a_test(obstacle: str) -> None:
    for node in OBSTACLES[obstacle]:
        path, _, name = node.partition("::")
        tree = ast.parse((TESTS / path).read_text("utf-8"))
        assert name in {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}, node


def test_all_eleven() -> None:
    assert len(OBSTACLES) == 11
